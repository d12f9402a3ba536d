namespace Personalization.Portal.Pages;

/// <summary>Which personal data is where.</summary>
public sealed partial class DataMapPage
{
    private static IEnumerable<MappedStore> Personal(MappedService service) => service.Collections.Where(collection => collection.Contents.Data.Count > 0);

    private static double Most(MappedService service) => Math.Max(1, Personal(service).Max(collection => collection.Documents ?? 0));

    private static IEnumerable<string> Categories(MappedStore collection) => collection.Contents.Data.Select(data => data.Category).Distinct().Order(StringComparer.Ordinal);

    private string Protection(MappedStore collection) => collection.Encryption switch
    {
        "sealed" => Say("зашифровано", "encrypted"),
        "wrapped" => Say("ключи, зашифрованы", "keys, encrypted"),
        _ => Say("без шифрования", "not encrypted"),
    };
}
