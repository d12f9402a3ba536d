using System.Globalization;

namespace Personalization.Portal.Pages;

/// <summary>The end of the audit log, or an earlier part.</summary>
/// <param name="Entries">The entries, the newest first.</param>
/// <param name="Checkpoint">The signed end; null: nothing was signed so far.</param>
/// <param name="Today">UTC.</param>
/// <param name="Type">Only entries of this type are shown; null: all are.</param>
/// <param name="First">The number of the first entry that was looked at.</param>
/// <param name="Last">The number of the last.</param>
public sealed record AuditLogModel(IReadOnlyList<AuditEntry> Entries, Checkpoint? Checkpoint, DateOnly Today, string? Type, long First, long Last);

/// <summary>The audit log.</summary>
public sealed partial class AuditLogPage
{
    private string Earlier => string.Create(CultureInfo.InvariantCulture, $"/staff/audit?before={Model.First}{(Model.Type is { } type ? $"&type={Uri.EscapeDataString(type)}" : "")}");
}

/// <summary>A proof that an entry is in the log.</summary>
/// <param name="Proof">The proof.</param>
/// <param name="Checkpoint">What it has to lead to.</param>
public sealed record ProofModel(InclusionProof Proof, Checkpoint Checkpoint);
