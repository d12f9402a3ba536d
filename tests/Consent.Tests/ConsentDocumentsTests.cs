using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

/// <summary>Consent for an operator that has a name.</summary>
public sealed class NamedOperatorApp : ConsentApp
{
    protected override Task<Dictionary<string, string?>> SettingsAsync() => Task.FromResult(new Dictionary<string, string?>
    {
        ["Consent:Controller:Id"] = "ogrn-1027700132195",
        ["Consent:Controller:Name"] = "ООО «Кинотеатр „Заря“»",
        ["Consent:Controller:Address"] = "119019, Москва, ул. Новый Арбат, д. 24",
        ["Consent:Controller:Contact"] = "privacy@zarya.example",
        ["Consent:Controller:Phone"] = "+7 495 000-00-00",
        ["Consent:PrivacyPage"] = "https://zarya.example/privacy",
        ["Consent:Service"] = "Кинотеатр «Заря»",
    });
}

public sealed partial class ConsentDocumentsTests(NamedOperatorApp app) : IClassFixture<NamedOperatorApp>, IAsyncLifetime
{
    private const string Html = "text/html";
    private const string Pdf = "application/pdf";

    public async Task InitializeAsync()
    {
        await app.PublishAsync("retention", new RetentionRulesChanged
        {
            Version = 1,
            Rules = [new RetentionRule { Purpose = "films", Category = "viewing", KeepDays = 731 }, new RetentionRule { Purpose = "films", Category = "opinion", KeepDays = 182 }],
        });
        await Eventually.Is(
            "the rules are adopted", async () => await app.Consent.OpenSession().LoadAsync<Domain.RetentionPeriods>(Domain.RetentionPeriods.Only, CancellationToken.None) is not null, ConsentApp.Soon);
        await app.DeclareAsync("films", new
        {
            categoryNames = new { viewing = new { ru = "какие фильмы вы смотрели", en = "which films you watched" }, opinion = new { ru = "ваши оценки фильмов", en = "how you rated films" } },
            sensitiveCategories = new[] { "opinion" },
            processors = new[] { "ООО «Хранилище»" },
            recipients = new[] { "АО «Подборки»" },
            validDays = 365,
            notices = new[]
            {
                new
                {
                    language = "ru",
                    title = "Рекомендации для вас",
                    text = "Если вы согласны, мы подбираем фильмы по тому, что вы смотрели, и по вашим оценкам.\nБез согласия вы увидите общий список популярных фильмов; всё остальное работает так же.",
                },
                new { language = "en", title = "Recommendations for you", text = "If you agree, we choose films by what you have watched and how you rated it.\nWithout your consent you see a general list; everything else works the same." },
            },
        });
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("ru", Html)]
    [InlineData("ru", Pdf)]
    [InlineData("en", Html)]
    [InlineData("en", Pdf)]
    public async Task It_has_the_fields_of_the_law_in_both_languages_and_forms(string language, string form)
    {
        var person = $"law-{language}-{form[^4..].Trim('/')}";
        var (_, granted) = await app.GrantAsync(person, "films", more: new { language });
        var id = (string)granted["receiptId"]!;

        var text = await TextAsync(person, id, form, $"?language={language}");

        // 152-FZ art. 9 p. 4, in its order; what identifies a person is asked for and left blank.
        string[] fields = language == "ru"
            ? [
                "Согласие на обработку персональных данных",
                "Субъект персональных данных", "Фамилия, имя, отчество", "Адрес", "Документ, удостоверяющий личность: вид, номер, дата выдачи, кем выдан",
                "Представитель, если решение принял он", "Документ, подтверждающий полномочия: вид, номер, дата",
                "Оператор", "ООО «Кинотеатр „Заря“»", "119019, Москва, ул. Новый Арбат, д. 24", "privacy@zarya.example",
                "Цель обработки: Рекомендации для вас",
                "какие фильмы вы смотрели", "731 день с получения", "ваши оценки фильмов (особая категория)", "182 дня с получения",
                "Действия с данными", "сбор, запись, систематизация", "передача (предоставление, доступ)", "с использованием средств автоматизации",
                "Кто обрабатывает данные по поручению оператора", "ООО «Хранилище»", "Кому передаются данные", "АО «Подборки»",
                "Срок действия согласия", "до ", "Как отозвать согласие", "https://zarya.example/privacy",
                "Если вы согласны, мы подбираем фильмы", "Без согласия вы увидите общий список", "версия 1 от ", "русский",
                "Подпись", "Расшифровка подписи", "Дата", "Решение принято", "UTC", "Как принято решение", "на сайте", "Роскомнадзор",
            ]
            : [
                "Consent to the processing of personal data",
                "The person", "Full name", "Address", "Identity document: kind, number, date of issue, issued by",
                "Representative, if one made the decision", "Document of authority: kind, number, date",
                "Operator", "ООО «Кинотеатр „Заря“»", "119019, Москва, ул. Новый Арбат, д. 24", "privacy@zarya.example",
                "Purpose: Recommendations for you",
                "which films you watched", "731 days from receipt", "how you rated films (special category)", "182 days from receipt",
                "What is done with the data", "collection, recording, systematization", "transfer to the recipients", "by automated means",
                "Who processes them for the operator", "ООО «Хранилище»", "Who receives them", "АО «Подборки»",
                "How long the consent is valid", "until ", "How to withdraw", "https://zarya.example/privacy",
                "If you agree, we choose films", "Without your consent you see a general list", "version 1 of ", "English",
                "Signature", "Name in block letters", "Date", "Decided", "UTC", "How it was made", "on the web site", "Roskomnadzor",
            ];
        var from = 0;
        foreach (var field in fields)
        {
            var at = text.IndexOf(field, from, StringComparison.Ordinal);
            Assert.True(at >= 0, $"'{field}' is not in the document, or not in its place.");
            from = at + field.Length;
        }

        var notice = (await app.HistoryAsync(person))[0];
        foreach (var code in new[] { id, (string)notice["noticeSha256"]! }) Assert.Contains(code, text.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_language_is_the_one_decided_in_unless_asked_for_another()
    {
        await app.GrantAsync("in-russian", "films", more: new { language = "ru" });
        var (_, revoked) = await app.RevokeAsync("in-russian");
        var id = (string)revoked["receiptId"]!;

        var own = await TextAsync("in-russian", id, Html);
        var english = await TextAsync("in-russian", id, Html, "?language=en");
        var (status, problem) = await app.SendAsync(Roles.Officer, HttpMethod.Get, $"/consents/in-russian/receipts/{id}?language=de");

        Assert.Contains("<html lang=\"ru\">", own, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", english, StringComparison.Ordinal);
        // The text stays as it was shown.
        Assert.Contains("<blockquote lang=\"ru\"><h3>Рекомендации для вас</h3>", english, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.BadRequest, "unknown-document-language"), (status, ConsentApp.Slug(problem)));
    }

    [Fact]
    public async Task A_withdrawal_says_so_and_what_becomes_of_the_data()
    {
        await app.GrantAsync("withdrawn", "films");
        var (_, revoked) = await app.RevokeAsync("withdrawn", "films");

        var text = await TextAsync("withdrawn", (string)revoked["receiptId"]!, Pdf, "?language=ru");

        Assert.Contains("Отзыв согласия на обработку персональных данных", text, StringComparison.Ordinal);
        Assert.Contains("уничтожаются не позднее 30 дней", text, StringComparison.Ordinal);
        Assert.Contains("История согласия: Рекомендации для вас", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Срок действия согласия", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_no_consent()
    {
        var (_, denied) = await app.DenyAsync("refusing", "films");

        var text = await TextAsync("refusing", (string)denied["receiptId"]!, Html, "?language=ru");

        Assert.Contains("<h1>Отказ дать согласие на обработку персональных данных</h1>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("даю согласие", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_loads_nothing_and_shows_what_was_typed_as_it_was_typed()
    {
        await app.DeclareAsync("typed", text: "<script>alert(1)</script> & \"so on\"");
        var (_, granted) = await app.GrantAsync("typing", "typed");
        using var client = app.As(Roles.Officer);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/consents/typing/receipts/{granted["receiptId"]}", UriKind.Relative)) { Headers = { { "Accept", Html } } };
        using var response = await client.SendAsync(request);
        var page = await response.Content.ReadAsStringAsync();

        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;so on&quot;", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?i)<script|<link|<img|<iframe|src=|url\\(|@import", page);
        var style = Style().Match(page).Groups[1].Value;
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        Assert.StartsWith($"default-src 'none'; style-src 'sha256-{hash}'; ", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signs_that_the_font_lacks_do_no_harm()
    {
        var odd = "🎬" + string.Concat(Enumerable.Repeat("🎞️", 60)) + " 電影 سينما e\u0301\u0000\t.";
        await app.DeclareAsync("odd", text: odd);
        var (_, granted) = await app.GrantAsync("odd-reader", "odd");
        var id = (string)granted["receiptId"]!;

        Assert.Contains("◊◊ ◊◊◊◊◊ e\u0301 .", await TextAsync("odd-reader", id, Pdf), StringComparison.Ordinal);
        Assert.Contains("電影", await TextAsync("odd-reader", id, Html), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_text_runs_over_numbered_pages_without_losing_a_word()
    {
        var words = string.Join(' ', Enumerable.Range(1, 400).Select(number => $"слово{number}"));
        await app.DeclareAsync("long", text: words);
        var (_, granted) = await app.GrantAsync("reading", "long", more: new { language = "ru" });
        var file = await BytesAsync("reading", (string)granted["receiptId"]!, Pdf, "");

        var pages = PdfText.PagesOf(file);

        Assert.InRange(pages.Count, 3, 6);
        for (var i = 0; i < pages.Count; i++) Assert.Contains($"Страница {i + 1} из {pages.Count}", pages[i], StringComparison.Ordinal);
        var found = WordNumber().Matches(PdfText.Of(file)).Select(word => word.Value).ToArray();
        Assert.Equal(WordNumber().Matches(words).Select(word => word.Value), found);
    }

    [Fact]
    public async Task Many_at_once_are_all_the_same()
    {
        var (_, granted) = await app.GrantAsync("again", "films");
        var id = (string)granted["receiptId"]!;

        var files = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => BytesAsync("again", id, Pdf, "?language=ru")));

        Assert.All(files, file => Assert.Equal(PdfText.PagesOf(files[0]), PdfText.PagesOf(file)));
    }

    [RequiresPdfToTextFact]
    public async Task Another_program_reads_its_Cyrillic_text()
    {
        var (_, granted) = await app.GrantAsync("poppler", "films", more: new { language = "ru" });
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, await BytesAsync("poppler", (string)granted["receiptId"]!, Pdf, ""));

        using var reader = Process.Start(new ProcessStartInfo(RequiresPdfToTextFactAttribute.Program) { ArgumentList = { file, "-" }, RedirectStandardOutput = true })!;
        var text = await reader.StandardOutput.ReadToEndAsync();
        await reader.WaitForExitAsync();
        File.Delete(file);

        Assert.Contains("Согласие на обработку", text, StringComparison.Ordinal);
        Assert.Contains("Рекомендации для вас", text, StringComparison.Ordinal);
    }

    private async Task<string> TextAsync(string customerId, string id, string form, string query = "")
    {
        var body = await BytesAsync(customerId, id, form, query);
        return form == Pdf ? PdfText.Of(body) : Encoding.UTF8.GetString(body);
    }

    private async Task<byte[]> BytesAsync(string customerId, string id, string form, string query)
    {
        using var client = app.As(Roles.Officer);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/consents/{customerId}/receipts/{id}{query}", UriKind.Relative)) { Headers = { { "Accept", form } } };
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync();
    }

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    [GeneratedRegex(@"слово\d+")]
    private static partial Regex WordNumber();
}

/// <summary>A fact that reads a PDF with poppler's pdftotext; without it, it is skipped with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresPdfToTextFactAttribute : FactAttribute
{
    /// <summary>The program.</summary>
    public const string Program = "pdftotext";

    /// <summary>Looks for it on the path.</summary>
    public RequiresPdfToTextFactAttribute() =>
        Skip = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, Program)))
            ? null
            : "There is no pdftotext (poppler-utils) on this machine.";
}
