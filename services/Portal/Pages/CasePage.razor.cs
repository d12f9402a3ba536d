using Personalization.Platform.Http;
using Personalization.Platform.Telemetry;

namespace Personalization.Portal.Pages;

/// <summary>One case.</summary>
/// <param name="Erasure">The case.</param>
/// <param name="Problem">Why it wasn't sent again.</param>
/// <param name="Spans">What this process recorded of it; none where nothing is recorded.</param>
/// <param name="TraceLink">Where its trace is; null: nobody said.</param>
public sealed record CaseModel(ErasureCase Erasure, string? Problem, IReadOnlyList<RecordedSpan> Spans, string? TraceLink);

/// <summary>One erasure case.</summary>
public sealed partial class CasePage
{
    // What may happen any moment. A case on hold or one that cools off waits for days.
    private bool IsGoingOn => Model.Erasure.State is "awaiting" or "partial";

    // It names the person; an operator mends cases without that.
    private bool ShowsCertificate => Visitor.Session?.Role is Roles.Officer or Roles.Auditor;
}
