namespace Personalization.Portal.Features;

/// <summary>The proof of a decision, as a document to print or signed for programs.</summary>
internal static class DownloadReceipt
{
    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapGet("/me/receipts/{receiptId}", HandleAsync);

    private static async Task<IResult> HandleAsync(string receiptId, Visitor visitor, ConsentClient consent, CancellationToken cancellationToken, string form = Download.Pdf) =>
        await Download.OfAsync(consent.ReceiptAsync(visitor.Session!, receiptId, Download.Accept(form), visitor.Language, cancellationToken), $"{receiptId}.{Download.Extension(form)}");
}
