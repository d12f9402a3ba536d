using System.Text;
using ICSharpCode.SharpZipLib.Zip;
using Personalization.Platform.Printing;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Documents;

/// <summary>An export as an encrypted ZIP (AES-256, WinZip's AE-2), which 7-Zip, WinZip, the archivers of phones and libarchive open.</summary>
internal static class ExportArchive
{
    public const string ContentType = "application/zip";

    private const int KeyBits = 256;

    public static byte[] Of(ExportDocument export, string? language, string password)
    {
        using var archive = new MemoryStream();
        using (var zip = new ZipOutputStream(archive) { Password = password, IsStreamOwner = false })
        {
            Add("export.json", export.ToJson());
            Add("export.schema.json", ExportDocument.Schema());
            foreach (var words in ExportWords.In(language)) Add($"export.{words.Language}.html", Encoding.UTF8.GetBytes(PrintHtml.Of(ExportPage.Of(export, words))));

            void Add(string name, byte[] content)
            {
                zip.PutNextEntry(new ZipEntry(name) { AESKeySize = KeyBits, DateTime = export.MadeAt.UtcDateTime, Size = content.Length });
                zip.Write(content);
                zip.CloseEntry();
            }
        }

        return archive.ToArray();
    }
}
