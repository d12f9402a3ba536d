using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Personalization.Platform;
using Personalization.Platform.Privacy;

namespace Personalization.Retention.Domain;

/// <summary>What a person is given: all that is held of them, by service, and what isn't in it and why. Machine-readable as GDPR art. 20 asks.</summary>
/// <param name="Format">Says what the file is.</param>
/// <param name="ExportId">The export.</param>
/// <param name="CustomerId">The caller's id of the person.</param>
/// <param name="SubjectRef">The pseudonym that it is held under.</param>
/// <param name="RequestedAt">UTC.</param>
/// <param name="MadeAt">UTC.</param>
/// <param name="Operator">Who is answerable for the data.</param>
/// <param name="InformationSystem">The system's name.</param>
/// <param name="IsComplete">Whether every participant's part is in it.</param>
/// <param name="Missing">Whose isn't, and why.</param>
/// <param name="Parts">By service.</param>
public sealed record ExportDocument(
    string Format, string ExportId, string CustomerId, string SubjectRef, DateTimeOffset RequestedAt, DateTimeOffset MadeAt, CertificateParty Operator, string InformationSystem,
    bool IsComplete, IReadOnlyList<MissingPart> Missing, IReadOnlyList<ExportedPart> Parts)
{
    /// <summary>What <see cref="Format"/> says.</summary>
    public const string FormatName = "personalization-export/1";

    // People read it too: letters as they are. It goes into a file, never into a page.
    private static readonly JsonSerializerOptions Readable = new(Json.Options)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static readonly JsonSchemaExporterOptions SchemaOptions = new()
    {
        TreatNullObliviousAsNonNullable = true,

        // The exporter knows nothing of our converter of times.
        TransformSchemaNode = (context, schema) => context.TypeInfo.Type == typeof(DateTimeOffset) || context.TypeInfo.Type == typeof(DateTimeOffset?)
            ? new JsonObject { ["type"] = "string", ["format"] = "date-time" } : schema,
    };

    /// <summary>The file.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Readable);

    /// <summary>The JSON schema of the file, made of these very types.</summary>
    public static byte[] Schema() => JsonSerializer.SerializeToUtf8Bytes(Readable.GetJsonSchemaAsNode(typeof(ExportDocument), SchemaOptions), Readable);
}
