namespace Personalization.Portal.Pages;

/// <summary>The end of the audit log, or an earlier part.</summary>
/// <param name="Entries">The entries, the newest first.</param>
/// <param name="Checkpoint">The signed end; null: nothing was signed so far.</param>
/// <param name="Today">UTC.</param>
public sealed record AuditLogModel(IReadOnlyList<AuditEntry> Entries, Checkpoint? Checkpoint, DateOnly Today);

/// <summary>A proof that an entry is in the log.</summary>
/// <param name="Proof">The proof.</param>
/// <param name="Checkpoint">What it has to lead to.</param>
public sealed record ProofModel(InclusionProof Proof, Checkpoint Checkpoint);
