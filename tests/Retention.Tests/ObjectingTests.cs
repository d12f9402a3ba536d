using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;
using Personalization.Testing;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class ObjectingTests(RetentionApp app) : IClassFixture<RetentionApp>
{
    private const string Words = "Because of my neighbours, Ivan and Olga.";

    [Fact]
    public async Task An_objection_to_direct_marketing_revokes_every_marketing_purpose_at_once()
    {
        var revoked = new List<(string, string)>();
        app.Around.RevokePurpose = (customer, purpose) =>
        {
            revoked.Add((customer, purpose));
            return Results.Json(new { version = 7, epoch = 1, caseId = purpose == "offers" ? "case-of-offers" : null });
        };

        var (status, objection) = await RaiseAsync(new { customerId = "anna", to = "directMarketing" });

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal([("anna", "newsletter"), ("anna", "offers")], revoked);
        Assert.Equal(("resolved", "upheld"), ((string)objection["state"]!, (string)objection["outcome"]!));
        Assert.Equal(["newsletter", "offers"], objection["revoked"]!.AsArray().Select(ended => (string)ended!["purpose"]!));
        Assert.Equal("case-of-offers", (string)objection["revoked"]![1]!["caseId"]!);
        var told = await ToldAsync<ObjectionResolved>(objection);
        Assert.Equal(("upheld", 2), (told.Outcome, told.Revoked.Count));
    }

    [Fact]
    public async Task It_is_not_said_to_be_in_force_before_it_is()
    {
        app.Around.RevokePurpose = (_, purpose) => Results.Json(new { version = 7, epoch = 1 }, statusCode: purpose == "offers" ? 202 : 200);

        var (status, objection) = await RaiseAsync(new { customerId = "boris", to = "directMarketing" });

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal([true, false], objection["revoked"]!.AsArray().Select(ended => (bool)ended!["inForce"]!));
    }

    [Fact]
    public async Task Without_Consent_nothing_is_answered_and_nothing_is_on_record()
    {
        app.Around.RevokePurpose = (_, _) => Results.StatusCode(500);

        var (status, problem) = await RaiseAsync(new { customerId = "vera", to = "directMarketing" });

        Assert.Equal((HttpStatusCode.ServiceUnavailable, Problems.TypePrefix + "unavailable"), (status, (string)problem["type"]!));
        Assert.DoesNotContain(app.Around.Told.OfType<ObjectionReceived>(), received => received.SubjectRef == app.RefOf("vera"));
    }

    [Fact]
    public async Task An_objection_to_a_decision_waits_for_an_officer_with_its_clock()
    {
        var (status, objection) = await RaiseAsync(new { customerId = "gleb", to = "decision", decision = new { modelVersion = "ease-42", itemId = "f1", consentVersion = 3 }, statement = Words });
        var queue = await ListAsync("?state=open&limit=500");
        var told = await ToldAsync<ObjectionReceived>(objection);

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(("open", false), ((string)objection["state"]!, (bool)objection["isOverdue"]!));
        Assert.Equal(30, ((DateTimeOffset)objection["dueAt"]! - (DateTimeOffset)objection["receivedAt"]!).TotalDays);
        Assert.Contains(queue, item => (string)item!["objectionId"]! == (string)objection["objectionId"]!);
        Assert.DoesNotContain("gleb", queue.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Ivan", queue.ToJsonString() + objection.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal((app.RefOf("gleb"), "decision"), (told.SubjectRef, told.To));
    }

    [Fact]
    public async Task A_person_lists_their_own_the_newest_first_and_nobody_elses()
    {
        var (_, first) = await RaiseAsync(new { customerId = "lists-own", to = "decision", decision = new { modelVersion = "ease-42" }, statement = Words });
        app.Time.Advance(TimeSpan.FromMinutes(1));
        var (_, second) = await RaiseAsync(new { customerId = "lists-own", to = "decision", decision = new { modelVersion = "ease-43" } });

        var (_, own) = await GetAsync("/objections", Roles.Subject, "lists-own");
        var (_, others) = await GetAsync("/objections", Roles.Subject, "lists-own-not");
        var (product, _) = await GetAsync("/objections", Roles.Product);

        Assert.Equal([(string)second["objectionId"]!, (string)first["objectionId"]!], own["items"]!.AsArray().Select(item => (string)item!["objectionId"]!));
        Assert.Equal(Words, (string)own["items"]![1]!["statement"]!);
        Assert.Empty(others["items"]!.AsArray());
        Assert.Equal(HttpStatusCode.Forbidden, product);
    }

    [Fact]
    public async Task Who_objected_and_in_what_words_is_for_the_person_and_for_an_officer_whose_reading_is_on_record()
    {
        var (_, objection) = await RaiseAsync(new { customerId = "dina", to = "decision", decision = new { modelVersion = "ease-42" }, statement = Words });
        var path = $"/objections/{objection["objectionId"]}";

        var (_, own) = await GetAsync(path, Roles.Subject, "dina");
        var (_, officer) = await GetAsync(path, Roles.Officer);
        var (_, product) = await GetAsync(path, Roles.Product);
        var (other, _) = await GetAsync(path, Roles.Subject, "egor");
        var (unnamed, problem) = await GetAsync(path, Roles.Officer, named: false);

        Assert.All([own, officer], view => Assert.Equal(("dina", Words), ((string)view["customerId"]!, (string)view["statement"]!)));
        Assert.Equal(("open", null, null), ((string)product["state"]!, (string?)product["customerId"], (string?)product["statement"]));
        Assert.Equal(HttpStatusCode.NotFound, other);
        Assert.Equal((HttpStatusCode.Forbidden, Problems.TypePrefix + "reader-unknown"), (unnamed, (string)problem["type"]!));
        var read = await Eventually.Is(
            "the reading is told", () => Task.FromResult(app.Around.Told.OfType<PersonalDataRead>().Where(read => read.SubjectRef == app.RefOf("dina")).ToArray()), read => read.Length > 0, RetentionApp.Soon);
        Assert.Equal(("objection", Roles.Officer, "shown"), (Assert.Single(read).Data, read[0].Role, read[0].Outcome));
    }

    [Fact]
    public async Task A_person_objects_for_themselves_only()
    {
        using var response = await app.As(Roles.Subject, "egor").PostAsJsonAsync(new Uri("/objections", UriKind.Relative), new { customerId = "zoya", to = "profiling", purpose = "recommendations" });
        using var own = await app.As(Roles.Subject, "egor").PostAsJsonAsync(new Uri("/objections", UriKind.Relative), new { customerId = "egor", to = "profiling", purpose = "recommendations" });

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Accepted), (response.StatusCode, own.StatusCode));
    }

    [Fact]
    public async Task An_objection_to_profiling_that_is_upheld_revokes_the_purpose_and_the_answer_stands()
    {
        var revoked = new List<(string, string)>();
        app.Around.RevokePurpose = (customer, purpose) =>
        {
            revoked.Add((customer, purpose));
            return Results.Json(new { version = 7, epoch = 1, caseId = "case-1" });
        };
        var (_, objection) = await RaiseAsync(new { customerId = "inna", to = "profiling", purpose = "recommendations" });
        var before = revoked.Count;

        var (status, resolved) = await ResolveAsync(objection, new { outcome = "upheld", answer = "You are right." });
        var (again, _) = await ResolveAsync(objection, new { outcome = "upheld", answer = "You are right." });
        var (changed, problem) = await ResolveAsync(objection, new { outcome = "rejected", answer = "You were right." });

        Assert.Equal((0, HttpStatusCode.OK, HttpStatusCode.OK), (before, status, again));
        Assert.Equal([("inna", "recommendations")], revoked);
        Assert.Equal(("resolved", "upheld", "You are right."), ((string)resolved["state"]!, (string)resolved["outcome"]!, (string)resolved["answer"]!));
        Assert.Equal((HttpStatusCode.Conflict, Problems.TypePrefix + "objection-resolved"), (changed, (string)problem["type"]!));
        Assert.DoesNotContain(await ListAsync("?state=open&limit=500"), item => (string)item!["objectionId"]! == (string)objection["objectionId"]!);
        Assert.Contains(await ListAsync("?state=resolved"), item => (string)item!["objectionId"]! == (string)objection["objectionId"]!);
    }

    [Fact]
    public async Task One_that_is_rejected_revokes_nothing()
    {
        app.Around.RevokePurpose = (_, _) => throw new InvalidOperationException("It was asked to revoke.");
        var (_, objection) = await RaiseAsync(new { customerId = "katya", to = "profiling", purpose = "recommendations" });

        var (status, resolved) = await ResolveAsync(objection, new { outcome = "rejected", answer = "It is needed for your order." });

        Assert.Equal((HttpStatusCode.OK, "rejected"), (status, (string)resolved["outcome"]!));
        Assert.Empty(resolved["revoked"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"customerId":"lev","to":"decision"}""")]
    [InlineData("""{"customerId":"lev","to":"decision","decision":{"modelVersion":"two words"}}""")]
    [InlineData("""{"customerId":"lev","to":"profiling"}""")]
    [InlineData("""{"customerId":"lev","to":"directMarketing","purpose":"offers"}""")]
    [InlineData("""{"customerId":"lev","to":"profiling","purpose":"offers","decision":{"modelVersion":"ease-1"}}""")]
    public async Task What_does_not_say_what_it_is_to_is_refused(string body)
    {
        var (status, problem) = await RaiseAsync(JsonNode.Parse(body)!);

        Assert.Equal((HttpStatusCode.BadRequest, Problems.TypePrefix + "bad-objection"), (status, (string)problem["type"]!));
    }

    [Fact]
    public async Task The_same_request_twice_is_one_objection()
    {
        var body = new { customerId = "maria", to = "profiling", purpose = "recommendations", statement = Words };

        var (_, first) = await RaiseAsync(body, key: "maria-1");
        var (status, second) = await RaiseAsync(body, key: "maria-1");

        Assert.Equal((HttpStatusCode.Accepted, (string)first["objectionId"]!), (status, (string)second["objectionId"]!));
    }

    [Fact]
    public async Task What_somebody_wrote_is_unreadable_in_the_store()
    {
        var (_, objection) = await RaiseAsync(new { customerId = "nina-the-first", to = "profiling", purpose = "recommendations", statement = Words });

        var stored = Assert.Single(await app.Module("retention").Store.ReadAsync([new DocumentKey("objections", (string)objection["objectionId"]!)], CancellationToken.None));

        Assert.True(stored.IsSealed);
        Assert.DoesNotContain("Ivan", System.Text.Encoding.UTF8.GetString(stored.Body.Span), StringComparison.Ordinal);
        Assert.DoesNotContain("nina", string.Join(' ', stored.Fields.Values), StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_overdue_when_its_time_is_over_and_no_answer_is_given()
    {
        var received = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var objection = new Objection { Id = "1", SubjectRef = "s", CustomerId = "c", To = ObjectionTo.Profiling, ReceivedAt = received, DueAt = received.AddDays(30) };
        var answered = objection.Resolve(ObjectionOutcome.Rejected, "No.", [], received.AddDays(31));

        Assert.Equal((false, true, false), (objection.IsOverdue(objection.DueAt), objection.IsOverdue(objection.DueAt.AddTicks(1)), answered.IsOverdue(received.AddDays(40))));
    }

    private async Task<(HttpStatusCode Status, JsonNode Answer)> RaiseAsync(object body, string? key = null)
    {
        using var client = app.As(Roles.Product);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/objections") { Content = JsonContent.Create(body) };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var response = await client.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private async Task<(HttpStatusCode Status, JsonNode Answer)> ResolveAsync(JsonNode objection, object resolution)
    {
        using var client = app.As(Roles.Officer);
        using var response = await client.PutAsJsonAsync(new Uri($"/objections/{objection["objectionId"]}/resolution", UriKind.Relative), resolution);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private async Task<(HttpStatusCode Status, JsonNode Answer)> GetAsync(string path, string role, string? customer = null, bool named = true)
    {
        using var client = app.As(role, customer, named);
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private async Task<JsonArray> ListAsync(string query)
    {
        var (_, page) = await GetAsync("/objections" + query, Roles.Officer);
        return page["items"]?.AsArray() ?? throw new Xunit.Sdk.XunitException(page.ToJsonString());
    }

    private Task<T> ToldAsync<T>(JsonNode objection)
        where T : class => Eventually.Is(
            "it is told", () => Task.FromResult(app.Around.Told.OfType<T>().SingleOrDefault(told => CanonicalJson.Of(told).AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes((string)objection["objectionId"]!)) >= 0)!),
            told => told is not null, RetentionApp.Soon);
}
