using Microsoft.AspNetCore.Http.HttpResults;

namespace Personalization.Portal.Features;

/// <summary>The pages' style and script.</summary>
internal static class ServeAsset
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/assets/{version}/{file}", Handle).AllowAnonymous().ExcludeFromDescription();

    private static Results<FileContentHttpResult, NotFound> Handle(string version, string file, HttpContext context)
    {
        if (PageAssets.Find(file) is not { } asset) return TypedResults.NotFound();
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.Vary = "Accept-Encoding";
        // While instances are being replaced, a page of one may ask the other for a version that it doesn't have.
        headers.CacheControl = version == asset.Version ? "public, max-age=31536000, immutable" : "no-store";
        if (!context.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.Ordinal)) return TypedResults.Bytes(asset.Plain, asset.ContentType);
        headers.ContentEncoding = "br";
        return TypedResults.Bytes(asset.Brotli, asset.ContentType);
    }
}
