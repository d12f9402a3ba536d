using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Security;
using Personalization.Retention.Domain;
using Personalization.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Personalization.Retention.Tests;

/// <summary>The command that writes the act and log of a period.</summary>
public sealed partial class WritingActsTests(PatientRetentionApp app, ITestOutputHelper output) : IClassFixture<PatientRetentionApp>, IDisposable
{
    private const int AtOnce = 100;
    private static readonly string[] Everyone = ["audit", "consent", "profile", "recommendation"];
    private static readonly DateOnly Day = new(2026, 3, 2);

    // By hand with 10,000; docs/operations.md says how.
    private static readonly int Cases = int.Parse(Environment.GetEnvironmentVariable("PERSONALIZATION_CERTIFICATES") ?? "20", CultureInfo.InvariantCulture);

    private readonly string files = Directory.CreateTempSubdirectory("acts-").FullName;

    /// <summary>Whom the certificates name: another operator than the deployment has now.</summary>
    private static CertificateParties Then => new RetentionOptions { Operator = new PartyOptions { Name = "A cinema that was sold since", Address = "A street" } }.Parties;

    public void Dispose() => Directory.Delete(files, recursive: true);

    [Fact]
    public async Task Act_and_log_of_all_cases_of_a_period_are_written_in_one_command_a_file_a_day()
    {
        await CompleteAsync(Day, Cases);
        await CompleteAsync(Day.AddDays(2), 3);
        await CompleteAsync(Day.AddDays(3), 1);

        var written = await RunAsync("--from", "2026-03-01", "--through", "2026-03-04");
        var english = await RunAsync("--from", "2026-03-04", "--language", "en");
        var today = await RunAsync();
        output.WriteLine(written.Output);

        Assert.True(written.ExitCode == 0 && english.ExitCode == 0, written.LastLines + english.LastLines);
        Assert.Matches($"Acts of 2 days, with {Cases + 3} lines in their logs, written to .* in [0-9.]+ s", written.Output);
        Assert.DoesNotContain("isn't over", written.Output, StringComparison.Ordinal);
        Assert.Contains("isn't over", today.Output, StringComparison.Ordinal);
        Assert.Contains("Acts of 1 days, with 3 lines in their logs", english.Output, StringComparison.Ordinal);
        Assert.Equal(["act-2026-03-02.jws", "act-2026-03-02.pdf", "act-2026-03-04.jws", "act-2026-03-04.pdf"], Directory.GetFiles(files).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        // Narrow columns break what they hold.
        var act = Whitespace().Replace(PdfText.Of(await File.ReadAllBytesAsync(Path.Combine(files, "act-2026-03-02.pdf"))), "");
        Assert.All(Enumerable.Range(1, Cases), number => Assert.Contains(ErasureCaseId.Of(RefOf(Day, number), 2), act, StringComparison.Ordinal));
        Assert.Contains("Export of the event log", PdfText.Of(await File.ReadAllBytesAsync(Path.Combine(files, "act-2026-03-04.pdf"))), StringComparison.Ordinal);
        var jws = Encoding.ASCII.GetString(await File.ReadAllBytesAsync(Path.Combine(files, "act-2026-03-02.jws"))).Split('.');
        var key = new TrustedKeys(Path.Combine(app.KeysDirectory, "shared", "trust.json")).Find(app.Module("retention").Signer.KeyId)!;
        Assert.True(key.Verify(Encoding.ASCII.GetBytes($"{jws[0]}.{jws[1]}"), jws[2]));
    }

    [Fact]
    public async Task The_act_of_a_day_names_the_operator_of_then()
    {
        await CompleteAsync(Day.AddYears(-2), 1);
        var act = (await app.As(Roles.Officer).GetFromJsonAsync<JsonObject>(new Uri("/erasures/act?day=2024-03-02", UriKind.Relative)))!;

        Assert.Equal("A cinema that was sold since", (string)act["operator"]!["name"]!);
    }

    [Fact]
    public async Task An_officers_own_token_is_taken_and_another_roles_is_refused_with_what_to_do()
    {
        await CompleteAsync(Day.AddYears(-1), 1);
        string[] period = ["--from", "2025-03-02"];
        var officer = await RunAsync([.. period, "--token", TokenOf("officer")]);
        var product = await RunAsync([.. period, "--token", TokenOf("product")]);
        var backwards = await RunAsync("--from", "2026-03-02", "--through", "2026-03-01");

        Assert.Contains("with 1 lines in their logs", officer.Output, StringComparison.Ordinal);
        Assert.Equal((1, 2), (product.ExitCode, backwards.ExitCode));
        Assert.Contains("it answered 403", product.Errors, StringComparison.Ordinal);
        Assert.Contains("before --from", backwards.Errors, StringComparison.Ordinal);
    }

    private string RefOf(DateOnly day, int number) => app.RefOf(string.Create(CultureInfo.InvariantCulture, $"acts-{day:O}-{number}"));

    private string TokenOf(string role)
    {
        var file = Path.Combine(files, role);
        using var client = app.As(role);
        File.WriteAllText(file, client.DefaultRequestHeaders.Authorization!.Parameter);
        return file;
    }

    private Task<CommandResult> RunAsync(params string[] options) => CommandLine.RunAsync(
        TimeSpan.FromMinutes(10), AppContext.BaseDirectory, new Dictionary<string, string?>(),
        "dotnet", ["personalization.dll", "acts", files, "--url", app.Instance.Urls.First(), .. options.Contains("--token") ? [] : new[] { "--keys", app.KeysDirectory }, .. options]);

    /// <summary>Cases as the last receipt leaves them, and their certificates.</summary>
    private async Task CompleteAsync(DateOnly day, int cases)
    {
        var at = new DateTimeOffset(day, new TimeOnly(9, 0), TimeSpan.Zero);
        foreach (var numbers in Enumerable.Range(1, cases).Chunk(AtOnce))
        {
            var session = app.Module("retention").OpenSession();
            foreach (var number in numbers)
            {
                var erasure = new ErasureCase
                {
                    SubjectRef = RefOf(day, number),
                    Epoch = 1,
                    Version = 2,
                    WholeEpoch = true,
                    Narrowed = [],
                    Reason = ErasureReason.Revoked,
                    OpenedAt = at,
                    DueAt = at.AddDays(30),
                    Participants = Everyone,
                };

                // Two of three end in the same moment.
                var completedAt = at.AddSeconds(number / 3);
                erasure = Everyone.Aggregate(erasure, (open, participant) => open.Receive(app.Module(participant).Signer.Sign(ReceiptOf(open, participant, completedAt)), completedAt)!);
                session.Store(erasure);
                session.Store(app.Module("retention").Signer.Sign(ErasureCertificate.Of(erasure, Then, completedAt)));
            }

            await session.CommitAsync(CancellationToken.None);
        }
    }

    private static SubjectDataErased ReceiptOf(ErasureCase erasure, string participant, DateTimeOffset at) => new()
    {
        CaseId = erasure.Id,
        SubjectRef = erasure.SubjectRef,
        Epoch = erasure.Epoch,
        Version = erasure.Version,
        Participant = participant,
        ErasedAt = at,
        Erased = [new ErasedData { Store = "profiles", Category = "viewing", Count = 3, Method = "erased" }, new ErasedData { Store = "keys", Category = "viewing", Count = 1, Method = "key-destroyed" }],
        Retained = [],
        Residual = [new ResidualScan { Searched = "profiles", Found = 0 }, new ResidualScan { Searched = "outbox", Found = 0 }],
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}
