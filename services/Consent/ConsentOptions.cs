using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Personalization.Consent;

/// <summary>Section <c>Consent</c>.</summary>
public sealed record ConsentOptions
{
    /// <summary>
    /// How long a decision waits for the serving services before it is answered with 202, and an import before it takes the next lines, in milliseconds.
    /// Default 2000, 0 to 30000; at 0 an import runs ahead of the services.
    /// </summary>
    [Range(0, 30_000)]
    public int WaitForMilliseconds { get; init; } = 2000;

    /// <summary>Years that proofs of consent are kept after an erasure, frozen. Default 3 (152-FZ, GDPR 7(1)), 1 to 10.</summary>
    [Range(1, 10)]
    public int KeepProofsYears { get; init; } = 3;

    /// <summary>Years that rewards are kept after everything else of the person was erased. Default 3, 1 to 10.</summary>
    [Range(1, 10)]
    public int KeepRewardsYears { get; init; } = 3;

    /// <summary>Days that the record of a notice's having been served can be named by a decision. Default 30, 1 to 3650; what the ledger took of it stays.</summary>
    [Range(1, 3650)]
    public int KeepServedNoticesDays { get; init; } = 30;

    /// <summary>Days that the link of a mail unsubscribes. Default 365, 60 to 3650: mails are opened late.</summary>
    [Range(60, 3650)]
    public int KeepUnsubscribeTokensDays { get; init; } = 365;

    /// <summary>Where people reach this deployment; stands in the links of mails. Default http://localhost:8080; anywhere else it is HTTPS (RFC 8058).</summary>
    [RegularExpression(@"https://\S+|http://(localhost|127\.0\.0\.1)(:\d+)?(/\S*)?")]
    public string PublicUrl { get; init; } = "http://localhost:8080";

    /// <summary>Counts of a report under this are suppressed, and what they could be computed from. Default 20, 0 to 1000; 0 suppresses nothing.</summary>
    [Range(0, 1000)]
    public int SuppressBelow { get; init; } = 20;

    /// <summary>Since when Global Privacy Control is honoured as it is now, as <c>/.well-known/gpc.json</c> tells. Default 2026-11-25.</summary>
    [RegularExpression(@"\d{4}-\d{2}-\d{2}")]
    public string GpcLastUpdate { get; init; } = "2026-11-25";

    /// <summary>Who is answerable for the data, named in every receipt. The default is an example and refused outside Development.</summary>
    public PartyOptions Controller { get; init; } = new()
    {
        Id = "example-controller",
        Name = "Example LLC (set Consent:Controller)",
        Address = "1 Example Street, Example City",
        Contact = "privacy@example.com",
        Type = "legal_entity",
    };

    /// <summary>The authority that people can complain to. Default: Roskomnadzor.</summary>
    public PartyOptions Authority { get; init; } = new()
    {
        Id = "roskomnadzor",
        Name = "Роскомнадзор (Roskomnadzor)",
        Address = "109992, Москва, Китайгородский проезд, д. 7, стр. 2",
        Contact = "https://rkn.gov.ru/treatments/ask-question/",
        Type = "supervisory_authority",
        Url = new Uri("https://rkn.gov.ru/"),
    };

    /// <summary>Where people decide and withdraw: a page of the product, named in every receipt. The default is an example and refused outside Development.</summary>
    public Uri PrivacyPage { get; init; } = new("https://example.com/privacy");

    /// <summary>What the product is called, named in every receipt.</summary>
    [Required]
    public string Service { get; init; } = "Personalization";

    /// <summary>Where data is stored and whose law applies if a purpose doesn't say: a country, ISO 3166-1 alpha-2. Default RU.</summary>
    [RegularExpression("^[A-Z]{2}$")]
    public string Country { get; init; } = "RU";
}

/// <summary>An organization that receipts name.</summary>
public sealed record PartyOptions
{
    /// <summary>Names it for programs, an entry of a register for example.</summary>
    public string Id { get; init; } = "";

    /// <summary>Its full name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its postal address.</summary>
    public string Address { get; init; } = "";

    /// <summary>How to reach it in matters of personal data.</summary>
    public string Contact { get; init; } = "";

    /// <summary>What it is, <c>legal_entity</c> for example.</summary>
    public string Type { get; init; } = "";

    /// <summary>Its e-mail address.</summary>
    public string? Email { get; init; }

    /// <summary>Its site.</summary>
    public Uri? Url { get; init; }

    /// <summary>Its telephone.</summary>
    public string? Phone { get; init; }

    /// <summary>Whether it says everything that a receipt has to.</summary>
    public bool IsComplete => !new[] { Id, Name, Address, Contact, Type }.Any(string.IsNullOrWhiteSpace);
}

/// <summary>A receipt that names nobody, or an example, is worth nothing: the service doesn't start on it.</summary>
internal sealed class NamedParties(IWebHostEnvironment environment) : IValidateOptions<ConsentOptions>
{
    public ValidateOptionsResult Validate(string? name, ConsentOptions options)
    {
        var example = new ConsentOptions();
        if (!options.Controller.IsComplete || !options.Authority.IsComplete)
            return ValidateOptionsResult.Fail("Consent:Controller and Consent:Authority each need Id, Name, Address, Contact and Type.");
        var isExample = options.PrivacyPage == example.PrivacyPage || options.Controller.Id == example.Controller.Id || options.Controller.Name == example.Controller.Name
            || options.Controller.Address == example.Controller.Address || options.Controller.Contact == example.Controller.Contact;
        return isExample && !environment.IsDevelopment()
            ? ValidateOptionsResult.Fail("Receipts would name an example: set Consent:Controller:Id, :Name, :Address and :Contact to who is answerable for the data, and Consent:PrivacyPage to the page where people withdraw.")
            : ValidateOptionsResult.Success;
    }
}
