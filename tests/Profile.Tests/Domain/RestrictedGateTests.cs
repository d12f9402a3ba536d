using CsCheck;
using Personalization.Contracts.Consent;
using Personalization.Platform.Privacy;
using Xunit;

namespace Personalization.Profile.Tests.Domain;

public sealed class RestrictedGateTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<CategoryConsent[]> Decided = Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, 3], Gen.Enum<ConsentDecision>(), Gen.Int[0, 20], Gen.Int[0, 40].Nullable(),
        (purpose, category, decision, grantedAt, validUntil) => new CategoryConsent
        {
            Purpose = $"p{purpose}",
            Category = $"c{category}",
            Decision = decision,
            GrantedAt = decision == ConsentDecision.Granted ? Start.AddDays(grantedAt) : null,
            ValidUntil = validUntil is { } days ? Start.AddDays(days) : null,
        }).Array[0, 12].Select(decisions => decisions.DistinctBy(decision => (decision.Purpose, decision.Category)).ToArray());

    [Fact]
    public void Whatever_is_restricted_permits_nothing_keeps_what_it_kept_and_lifted_is_as_before() =>
        Gen.Select(Decided, Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 40], Gen.Int[0, 40]).Sample((decisions, purpose, category, collected, now) =>
        {
            bool IsMeant(CategoryConsent decision) => decision.Purpose == $"p{purpose}" || decision.Category == $"c{category}";
            var before = SubjectGate.Closed("s").Apply(new ConsentGranted { Consent = Of(1, decisions), Narrowed = [], EpochEnded = false, DecidedAt = Start })!;
            var restricted = before.Apply(new ConsentRevoked
            {
                Consent = Of(2, [.. decisions.Select(decision => decision.Decision == ConsentDecision.Granted && IsMeant(decision) ? decision with { IsRestricted = true } : decision)]),
                Narrowed = [],
                EpochEnded = false,
                DecidedAt = Start,
            })!;
            var lifted = restricted.Apply(new ConsentGranted { Consent = Of(3, decisions), Narrowed = [], EpochEnded = false, DecidedAt = Start })!;
            var (at, then) = (Start.AddDays(collected), Start.AddDays(now));

            foreach (var decision in decisions)
            {
                var permitted = before.Permits(decision.Purpose, decision.Category, at, 1, then);
                Assert.Equal(permitted && !IsMeant(decision), restricted.Permits(decision.Purpose, decision.Category, at, 1, then));
                Assert.Equal(permitted, restricted.Keeps(decision.Purpose, decision.Category, at, 1, then));
                Assert.Equal(permitted, lifted.Permits(decision.Purpose, decision.Category, at, 1, then));
            }

            Assert.Equal(before.Grants, lifted.Grants);
            Assert.Empty(lifted.Restricted);
            Assert.Equal(restricted.Restricted.Count > 0 ? 2 : 0, restricted.NarrowedBy);
            Assert.Equal(restricted.Restricted.Select(grant => grant.Purpose).Distinct().Order(StringComparer.Ordinal), restricted.NarrowedSince(before));
        });

    private static ConsentSnapshot Of(long version, IReadOnlyList<CategoryConsent> decisions) => new() { SubjectRef = "s", Version = version, Epoch = 1, Number = version, Decisions = decisions };
}
