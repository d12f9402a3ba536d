namespace Personalization.Portal.Pages;

/// <summary>The register of incidents.</summary>
/// <param name="Show"><c>all</c>, <c>open</c> or <c>closed</c>.</param>
/// <param name="Incidents">A page of it.</param>
/// <param name="Next">How to ask for the next page.</param>
/// <param name="Now">UTC.</param>
public sealed record IncidentsModel(string Show, IReadOnlyList<Incident> Incidents, string? Next, DateTimeOffset Now);

/// <summary>Recording an incident.</summary>
/// <param name="Form">What was written so far.</param>
/// <param name="Map">What the services hold.</param>
/// <param name="Problem">Why it wasn't recorded.</param>
public sealed record IncidentFormModel(Features.IncidentForm Form, DataMap Map, string? Problem);

/// <summary>One incident.</summary>
/// <param name="Incident">The incident.</param>
/// <param name="Form">What was written so far of what was done.</param>
/// <param name="Now">UTC.</param>
/// <param name="Problem">Why what was written wasn't recorded.</param>
public sealed record IncidentModel(Incident Incident, Features.MeasuresForm Form, DateTimeOffset Now, string? Problem);
