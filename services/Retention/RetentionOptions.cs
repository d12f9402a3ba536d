using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Personalization.Retention.Domain;

namespace Personalization.Retention;

/// <summary>Section <c>Retention</c>.</summary>
public sealed record RetentionOptions
{
    /// <summary>Seconds until an open case is sent to its participants again; doubled with each sending. Default 60, 1 to 3600.</summary>
    [Range(1, 3600)]
    public int ResendAfterSeconds { get; init; } = 60;

    /// <summary>Seconds that the doubling ends at. Default 3600, 1 to 86400.</summary>
    [Range(1, 86_400)]
    public int ResendAtMostSeconds { get; init; } = 3600;

    /// <summary>Days within which an erasure is done after consent was withdrawn or expired. Default 30 (152-FZ art. 21 p. 4 and 5), 1 to 30.</summary>
    [Range(1, 30)]
    public int DaysAfterWithdrawal { get; init; } = 30;

    /// <summary>Working days within which it is done on demand. Default 10 (152-FZ art. 21 p. 5.1), 1 to 10.</summary>
    [Range(1, 10)]
    public int WorkingDaysOnDemand { get; init; } = 10;

    /// <summary>Hours in which a demand to be forgotten can be taken back; nothing is used meanwhile, and nothing is erased. Default 0: it is carried out at once. 0 to 168.</summary>
    [Range(0, 168)]
    public int CoolingOffHours { get; init; }

    /// <summary>Days before the deadline at which <c>ErasureDueSoon</c> tells of it. Default 3, 1 to 29.</summary>
    [Range(1, 29)]
    public int WarnDaysBefore { get; init; } = 3;

    /// <summary>Whose midnight ends a working day, in hours from UTC. Default 3, Moscow; -12 to 14.</summary>
    [Range(-12, 14)]
    public int UtcOffsetHours { get; init; } = 3;

    /// <summary>
    /// Days off that the government moved, by year: <c>Source</c>, the decree, and <c>Days</c>, each with <c>From</c> and <c>To</c>. Default: 2025 and 2026; what is
    /// configured adds years. A deadline that runs through another year counts its statutory holidays only and is called estimated.
    /// </summary>
    public IReadOnlyDictionary<int, TransferredDays> TransferredDays { get; init; } = WorkingDays.Decreed;

    /// <summary>Days within which an officer answers an objection. Default 30 (152-FZ art. 16(4), GDPR art. 12(3)), 1 to 30.</summary>
    [Range(1, 30)]
    public int ObjectionDays { get; init; } = 30;

    /// <summary>Working days within which an export is answered. Default 10 (152-FZ art. 20(1)), 1 to 10; never later than one month (GDPR art. 12(3)).</summary>
    [Range(1, 10)]
    public int ExportWorkingDays { get; init; } = 10;

    /// <summary>Days within which an export can be fetched. Default 7, 1 to 30.</summary>
    [Range(1, 30)]
    public int ExportLinkDays { get; init; } = 7;

    /// <summary>Years that a completed case with its certificate, and an answered objection, are kept. Default 3 (Roskomnadzor's order 179, p. 8), 3 to 10.</summary>
    [Range(3, 10)]
    public int KeepCertificatesYears { get; init; } = 3;

    /// <summary>Who is answerable for the data, named in every certificate. The default is an example and refused outside Development.</summary>
    public PartyOptions Operator { get; init; } = new() { Name = "Example LLC (set Retention:Operator)", Address = "1 Example Street, Example City" };

    /// <summary>Who processes the data for the operator. Default: nobody.</summary>
    public PartyOptions? Processor { get; init; }

    /// <summary>Name of who answers for the destruction; needs <see cref="ExecutorPosition"/>. Default: none, a certificate leaves it to be filled in.</summary>
    public string? ExecutorName { get; init; }

    /// <summary>Their position.</summary>
    public string? ExecutorPosition { get; init; }

    /// <summary>What the information system is called, in every certificate.</summary>
    [Required]
    public string InformationSystem { get; init; } = "Personalization";

    /// <summary>How long an erasure may take.</summary>
    public DeadlineTerms Terms => new(DaysAfterWithdrawal, WorkingDaysOnDemand, TimeSpan.FromHours(UtcOffsetHours), new WorkingDays(TransferredDays));

    /// <summary>Whom certificates name.</summary>
    public CertificateParties Parties => new(
        new CertificateParty(Operator.Name, Operator.Address),
        Processor is null ? null : new CertificateParty(Processor.Name, Processor.Address),
        ExecutorName is null || ExecutorPosition is null ? null : new CertificateExecutor(ExecutorName, ExecutorPosition),
        InformationSystem);
}

/// <summary>An organization that certificates name.</summary>
public sealed record PartyOptions
{
    /// <summary>Its full name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its postal address.</summary>
    public string Address { get; init; } = "";

    /// <summary>Whether it says what a certificate has to.</summary>
    public bool IsComplete => !string.IsNullOrWhiteSpace(Name) && !string.IsNullOrWhiteSpace(Address);
}

/// <summary>An act that names nobody, or an example, is worth nothing: the service doesn't start on it.</summary>
internal sealed class NamedOperator(IWebHostEnvironment environment) : IValidateOptions<RetentionOptions>
{
    public ValidateOptionsResult Validate(string? name, RetentionOptions options)
    {
        var example = new RetentionOptions();
        if (!options.Operator.IsComplete || options.Processor is { IsComplete: false })
            return ValidateOptionsResult.Fail("Retention:Operator, and Retention:Processor if there is one, need Name and Address.");
        if (options.ExecutorName is null != options.ExecutorPosition is null)
            return ValidateOptionsResult.Fail("Retention:ExecutorName and Retention:ExecutorPosition go together.");
        var isExample = options.Operator.Name == example.Operator.Name || options.Operator.Address == example.Operator.Address;
        return isExample && !environment.IsDevelopment()
            ? ValidateOptionsResult.Fail("Certificates would name an example: set Retention:Operator:Name and :Address to who is answerable for the data.")
            : ValidateOptionsResult.Success;
    }
}
