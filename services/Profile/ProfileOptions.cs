using System.ComponentModel.DataAnnotations;

namespace Personalization.Profile;

/// <summary>Section <c>Profile</c>.</summary>
public sealed record ProfileOptions
{
    /// <summary>Segments and groups of fewer people are not shown and are no audience. Default 20, 0 to 1000; 0 shows everything.</summary>
    [Range(0, 1000)]
    public int SuppressBelow { get; init; } = 20;

    /// <summary>Hours after which behavioural groups are learnt anew. Default 24, 1 to 720.</summary>
    [Range(1, 720)]
    public int LearnGroupsEveryHours { get; init; } = 24;

    /// <summary>Days after which a field that nothing used is listed as unused, and dropped where its event type says so. Default 90, 31 to 3660: groups may be learnt once a month.</summary>
    [Range(31, 3660)]
    public int UnusedAfterDays { get; init; } = 90;

    /// <summary>The purpose for which recommenders learn from signals: the same as <c>Recommendation:Purpose</c>. Default: recommendations.</summary>
    [Required]
    public string RecommenderPurpose { get; init; } = "recommendations";

    /// <summary>
    /// Whether product services may be told of erasures over http: only on a network that nobody else is on, because a customer id goes over it. Default: no, https alone.
    /// </summary>
    public bool HttpWebhooks { get; init; }

    /// <summary>Where this system is reached from outside, for callbacks of processors that take erasures by OpenDSR. Default: none, they are asked how a request stands.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Hours that an audience may be used, and so that withdrawals are kept for those who hold one. Default 24, 1 to 168.</summary>
    [Range(1, 168)]
    public int AudienceUsableHours { get; init; } = 24;
}
