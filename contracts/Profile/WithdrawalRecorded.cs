namespace Personalization.Contracts.Profile;

/// <summary>
/// Published by Profile when somebody of whom it knows a customer id took a purpose back, so that product services take them off the lists they hold.
/// It says that there is something to fetch, <c>GET /withdrawals?after=</c>, and names nobody: what lies in queues and backups of the broker can't be erased.
/// </summary>
public sealed record WithdrawalRecorded
{
    /// <summary>The place of the change in the consent stream.</summary>
    public required long Number { get; init; }

    /// <summary>The purposes that are permitted less.</summary>
    public required IReadOnlyList<string> Purposes { get; init; }

    /// <summary>When it was recorded, UTC.</summary>
    public required DateTimeOffset RecordedAt { get; init; }
}
