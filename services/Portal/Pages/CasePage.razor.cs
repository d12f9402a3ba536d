using Personalization.Platform.Telemetry;

namespace Personalization.Portal.Pages;

/// <summary>One case.</summary>
/// <param name="Erasure">The case.</param>
/// <param name="Problem">Why it wasn't sent again.</param>
/// <param name="Spans">What this process recorded of it; none where nothing is recorded.</param>
public sealed record CaseModel(ErasureCase Erasure, string? Problem, IReadOnlyList<RecordedSpan> Spans);
