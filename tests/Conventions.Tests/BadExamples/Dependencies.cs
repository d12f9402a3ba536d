using Personalization.Consent.Domain;

namespace Personalization.Conventions.Tests.BadExamples;

/// <summary>Uses a type of a service from outside of it.</summary>
internal sealed record UsesAService(ConsentRecord Record);

/// <summary>A word of one service, in what all of them share.</summary>
internal sealed record KeepsPurpose;
