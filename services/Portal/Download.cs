namespace Personalization.Portal;

/// <summary>Hands on a document of a service's, as it comes.</summary>
internal static class Download
{
    public const string Pdf = "pdf";

    public static string Accept(string form) => form switch
    {
        "json" => "application/json",
        "jws" => "application/jose",
        _ => "application/pdf",
    };

    public static string Extension(string form) => form is "json" or "jws" ? form : Pdf;

    public static async Task<IResult> OfAsync(Task<HttpResponseMessage?> opened, string name) => await opened switch
    {
        null => Page.Of(Problem.Unavailable),
        { IsSuccessStatusCode: false } refused => Refuse(refused),
        var document => new Document(document, name),
    };

    private static IResult Refuse(HttpResponseMessage refused)
    {
        using (refused) return Page.Of(new Problem((int)refused.StatusCode, refused.StatusCode == System.Net.HttpStatusCode.NotFound ? "not-found" : "unexpected"));
    }

    private sealed class Document(HttpResponseMessage document, string name) : IResult
    {
        public async Task ExecuteAsync(HttpContext context)
        {
            using (document)
            {
                context.Response.ContentType = document.Content.Headers.ContentType?.ToString();
                context.Response.ContentLength = document.Content.Headers.ContentLength;
                context.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
                await document.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
            }
        }
    }
}
