using Personalization.Portal.Features;

namespace Personalization.Portal.Pages;

/// <summary>The officer's queue.</summary>
/// <param name="Objections">A page of it.</param>
/// <param name="State"><c>open</c> or <c>resolved</c>.</param>
/// <param name="Purposes">What people are asked: the names.</param>
public sealed record ObjectionsModel(Items<Objection> Objections, string State, IReadOnlyList<Purpose> Purposes);

/// <summary>One objection, as the officer sees it.</summary>
/// <param name="Objection">The objection.</param>
/// <param name="Purposes">What people are asked: the names.</param>
/// <param name="Form">What was written so far.</param>
/// <param name="Problem">Why the answer wasn't taken.</param>
public sealed record AnswerModel(Objection Objection, IReadOnlyList<Purpose> Purposes, AnswerForm Form, string? Problem);
