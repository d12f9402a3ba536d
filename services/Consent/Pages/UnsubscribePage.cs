using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;

namespace Personalization.Consent.Pages;

/// <summary>The page behind the link of a mail: it asks, and says what became of it. No script, and nothing from anywhere else.</summary>
internal static class UnsubscribePage
{
    private const string Style =
        ":root{color-scheme:light dark;font:100%/1.6 system-ui,sans-serif}main{max-width:34rem;margin:0 auto;padding:clamp(2rem,8vw,6rem) 1.5rem}"
        + "h1{font-size:2rem;line-height:1.2}button{font:inherit;padding:.6rem 1.4rem;cursor:pointer}code{overflow-wrap:anywhere}";

    // A form of it posts to where it came from; nothing may frame it, so that nobody presses the button unawares.
    private static readonly string ContentSecurityPolicy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    // The default one would spell out every letter of the Russian texts.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private static readonly Dictionary<string, Texts> ByLanguage = new()
    {
        ["en"] = new(
            "Unsubscribe?", "You will get no more of these messages, and what was used for them is erased. Nothing changes until you press the button.", "Unsubscribe",
            "You are unsubscribed", "Your consent to these messages is withdrawn. Receipt:",
            "This link does not work", "It is not one of ours, or not any more. Change your choices in your account, or write to us."),
        ["ru"] = new(
            "Отписаться?", "Вы больше не будете получать такие сообщения, а данные, которые для них использовались, будут стёрты. Пока вы не нажали кнопку, ничего не меняется.", "Отписаться",
            "Вы отписаны", "Согласие на эти сообщения отозвано. Квитанция:",
            "Ссылка не действует", "Она не наша или больше не действует. Измените свой выбор в личном кабинете или напишите нам."),
    };

    /// <summary>Asks. The same for every token, so that it tells nobody whether there is one.</summary>
    public static ContentHttpResult Ask(HttpContext context) => Show(context, StatusCodes.Status200OK, texts => (texts.Ask, $"""
        <p>{Encode(texts.AskText)}</p><form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>{Encode(texts.Button)}</button></form>
        """));

    /// <summary>Says that it is done.</summary>
    public static ContentHttpResult Done(HttpContext context, int status, string? receiptId) =>
        Show(context, status, texts => (texts.Done, $"<p>{Encode(texts.DoneText)} <code>{Encode(receiptId ?? "")}</code></p>"));

    /// <summary>Says that the link is none.</summary>
    public static ContentHttpResult Unknown(HttpContext context) => Show(context, StatusCodes.Status404NotFound, texts => (texts.Unknown, $"<p>{Encode(texts.UnknownText)}</p>"));

    /// <summary>Whether a person looks at the answer rather than a mail provider.</summary>
    public static bool IsWanted(HttpRequest request) => request.Headers.Accept.Any(accept => accept?.Contains("text/html", StringComparison.OrdinalIgnoreCase) == true);

    private static ContentHttpResult Show(HttpContext context, int status, Func<Texts, (string Title, string Body)> render)
    {
        var language = Accept.ChooseLanguage(context.Request, "en", "ru");
        var (title, body) = render(ByLanguage[language]);
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["X-Robots-Tag"] = "noindex";
        // The address holds the token.
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        return TypedResults.Text(
            $"""
            <!DOCTYPE html>
            <html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{Encode(title)}</title>
            <style>{Style}</style></head><body><main><h1>{Encode(title)}</h1>{body}</main></body></html>

            """,
            "text/html", Encoding.UTF8, status);
    }

    private static string Encode(string text) => Encoder.Encode(text);

    private sealed record Texts(string Ask, string AskText, string Button, string Done, string DoneText, string Unknown, string UnknownText);
}
