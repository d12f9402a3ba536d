using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Portal.Tests;

[Collection(Browsing.Collection)]
public sealed class StaffTests(Browsing browsing) : IAsyncLifetime
{
    public Task InitializeAsync() => browsing.FillAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [BrowserTheory]
    [InlineData("ru", Roles.Marketer, "/staff/consents", "Рекомендации для вас")]
    [InlineData("en", Roles.Marketer, "/staff/consents", "Recommendations for you")]
    [InlineData("ru", Roles.Marketer, "/staff/groups", "Have watched 20 films or more")]
    [InlineData("en", Roles.Marketer, "/staff/groups", "Have watched 20 films or more")]
    [InlineData("ru", Roles.Marketer, "/staff/audiences", "Письма")]
    [InlineData("en", Roles.Marketer, "/staff/audiences", "E-mail")]
    [InlineData("ru", Roles.Operator, "/staff/events", "film.rated")]
    [InlineData("en", Roles.Operator, "/staff/events", "film.rated")]
    [InlineData("ru", Roles.Operator, "/staff/quarantine", "Карантин пуст")]
    [InlineData("en", Roles.Operator, "/staff/quarantine", "The quarantine is empty")]
    [InlineData("ru", Roles.Officer, "/staff/rules", "180 дней")]
    [InlineData("en", Roles.Officer, "/staff/rules", "180 days")]
    [InlineData("ru", Roles.Auditor, "/staff/data-map", "действия клиентов по событиям")]
    [InlineData("en", Roles.Auditor, "/staff/data-map", "what customers did, event by event")]
    public async Task Somebody_of_the_staff_sees_what_their_role_needs(string language, string role, string path, string text)
    {
        await using var visit = await browsing.OpenAsync(language, role);
        await visit.Page.Locator($".tile a[href='{path}']").ClickAsync();
        await visit.SeesAsync(text.Replace(' ', '\u00a0').Contains("180", StringComparison.Ordinal) ? text.Replace(' ', '\u00a0') : text);
        await visit.LookAsync(path[1..].Replace('/', '-'));
    }

    [BrowserTheory]
    [InlineData("ru", "Уведомления в приложении", "20 человек")]
    [InlineData("en", "Push messages", "20 people")]
    public async Task A_marketer_sees_how_many_each_channel_may_reach_and_nobody_by_name(string language, string channel, string people)
    {
        const int People = 21;
        string[] customers = [.. Enumerable.Range(0, People).Select(number => $"reached-{number.ToString(CultureInfo.InvariantCulture)}")];
        using var operating = browsing.Server.As(Roles.Operator);
        using var declared = await operating.PutAsJsonAsync(new Uri("/segments/watched-something", UriKind.Relative), new
        {
            title = "Have watched something",
            purpose = "marketing-groups",
            channels = new[] { "email", "push" },
            rule = new { measure = new { @event = "film.rated", of = "distinct", field = "filmId" }, @is = ">=", value = 1 },
        });
        Assert.True(declared.IsSuccessStatusCode, await declared.Content.ReadAsStringAsync());
        foreach (var customer in customers)
        {
            await browsing.Server.GrantAsync(customer, "marketing-groups");
            await browsing.Server.PublishAsync(customer, "1");
        }

        await using var visit = await browsing.OpenAsync(language, Roles.Marketer);
        var purpose = visit.Page.Locator("section").Filter(new() { HasText = channel });
        await Eventually.Is("everybody is counted", async () =>
        {
            await visit.Page.GotoAsync("/staff/audiences");
            return (await purpose.TextContentAsync() ?? "").Replace('\u00a0', ' ');
        }, text => text.Contains(people, StringComparison.Ordinal), RunningServer.Soon);
        Assert.DoesNotContain("reached-", await visit.Page.ContentAsync(), StringComparison.Ordinal);
        await visit.LookAsync("staff-audiences");
    }

    [BrowserTheory]
    [InlineData("ru", "готов", "Последние отзывы", "Поток согласий применён до")]
    [InlineData("en", "ready", "The last withdrawals", "Consent stream applied up to")]
    public async Task An_operator_sees_how_every_service_is(string language, string ready, string withdrawals, string applied)
    {
        await browsing.Server.GrantAsync($"measured-{language}", "recommendations");
        using var own = browsing.Server.As(Roles.Subject, $"measured-{language}");
        using var revoked = await own.DeleteAsync(new Uri($"/consents/measured-{language}", UriKind.Relative));
        revoked.EnsureSuccessStatusCode();
        await using var visit = await browsing.OpenAsync(language, Roles.Operator);
        await visit.Page.Locator(".tile a[href='/staff/health']").ClickAsync();
        await Assertions.Expect(visit.Page.Locator(".badge").GetByText(ready, new() { Exact = true })).ToHaveCountAsync(5);
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Img)).ToHaveAccessibleNameAsync(new System.Text.RegularExpressions.Regex(withdrawals));
        // Profile, Recommendation and Retention follow the consents.
        await Assertions.Expect(visit.Page.GetByText(applied)).ToHaveCountAsync(3);
        await visit.LookAsync("staff-health");
    }

    [BrowserTheory]
    [InlineData("ru", "Польза", "Долг", "Пока не измерить")]
    [InlineData("en", "Benefit", "Debt", "Can’t be measured so far")]
    public async Task An_officer_sees_benefit_beside_debt_with_where_it_is_mended(string language, string benefit, string debt, string uplift)
    {
        await using var visit = await browsing.OpenAsync(language, Roles.Officer);
        await visit.Page.Locator(".tile a[href='/staff/balance']").ClickAsync();
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = benefit, Exact = true })).ToContainTextAsync(uplift);
        var owed = visit.Page.GetByRole(AriaRole.Region, new() { Name = debt, Exact = true });
        foreach (var path in new[] { "consents", "cases", "events", "objections", "incidents" }) Assert.Equal(1, await owed.Locator($"a[href='/staff/{path}']").CountAsync());
        await visit.LookAsync("staff-balance");
    }

    [BrowserTheory]
    [InlineData("ru", "точнее общего списка", "Что нравится большинству")]
    [InlineData("en", "better than a common list", "What most people like")]
    public async Task How_much_better_personal_recommendations_guess_is_shown_beside_a_common_list(string language, string gain, string common)
    {
        await using var server = await RunningServer.StartAsync(settings: new Dictionary<string, string?> { ["Recommendation:MinSupport"] = "2", ["Recommendation:SolveWithinSeconds"] = "2" });
        await server.DeclareAsync();

        // Two tastes of twelve films each, of which everybody has seen ten, and begun with another.
        for (var i = 0; i < 24; i++)
        {
            await server.GrantAsync($"taste-{i}", "recommendations");
            await server.PublishAsync($"taste-{i}", [.. Enumerable.Range(0, 10).Select(film => ((i % 2 * 12) + ((film + i) % 12) + 1).ToString(CultureInfo.InvariantCulture))]);
        }

        await using var visit = await browsing.OpenAsync(language, Roles.Officer, server: server);
        await Eventually.Is("it is measured", async () =>
        {
            await visit.Page.GotoAsync("/staff/balance");
            return (await visit.Page.ContentAsync()).Contains(gain, StringComparison.Ordinal);
        }, RunningServer.Soon);
        await visit.SeesAsync(common);
        await visit.LookAsync("staff-balance-measured");
    }

    [Fact]
    public async Task Benefit_and_debt_are_what_the_services_measured()
    {
        await using var server = await RunningServer.StartAsync();
        await server.DeclareAsync();
        await server.GrantAsync("asked-anew", "recommendations");
        var purpose = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(RunningServer.Root(), "deploy", "samples", "cinema.json")))!["purposes"]![0]!;
        purpose["notices"]![0]!["text"] = "Мы подбираем фильмы и показываем, почему они подходят.";
        using var officer = server.As(Roles.Officer);
        using var declared = await officer.PutAsJsonAsync(new Uri("/purposes/recommendations", UriKind.Relative), purpose);
        Assert.True(declared.IsSuccessStatusCode, await declared.Content.ReadAsStringAsync());
        await server.GetAsync("/recommendations/asked-anew", Roles.Product);
        await server.GetAsync("/recommendations/asked-anew", Roles.Product);

        var page = await Eventually.Is(
            "the consent to the older text is counted", () => server.PageAsync("/staff/balance", Roles.Officer), text => text.Contains("text that has changed since 1 of 1", StringComparison.Ordinal), RunningServer.Soon);
        Assert.Contains("Debt 1 debt ", page, StringComparison.Ordinal);
        Assert.Contains("Overdue erasure cases 0 ", page, StringComparison.Ordinal);
        Assert.Contains("made from a person’s data 0% of 2 ", page, StringComparison.Ordinal);
    }

    [BrowserTheory]
    [InlineData("ru", "Ход дела", "завершено", "Трассировка", "Акт об уничтожении, PDF", "Хранится по требованию закона. Используйте только для цели data-protection.")]
    [InlineData("en", "How it went", "completed", "Trace", "The certificate, PDF", "Kept because the law requires it. Use it only for data-protection.")]
    public async Task An_officer_follows_a_case_and_its_trace_to_the_certificate_and_is_told_what_it_is_for(
        string language, string course, string completed, string trace, string certificate, string purpose)
    {
        var customer = $"withdrawn-{language}";
        await browsing.Server.GrantAsync(customer, "recommendations");
        using var own = browsing.Server.As(Roles.Subject, customer);
        using var revoked = await own.DeleteAsync(new Uri($"/consents/{customer}", UriKind.Relative));
        var caseId = (string)JsonNode.Parse(await revoked.Content.ReadAsStringAsync())!["caseId"]!;
        await Eventually.Is(
            "the case is completed", async () => (string?)(await browsing.Server.GetAsync($"/erasures/{caseId}"))["state"] ?? "", state => state == "completed", RunningServer.Soon);

        await using var visit = await browsing.OpenAsync(language, Roles.Officer);
        await visit.Page.GotoAsync("/staff/cases?show=completed");
        await visit.Page.Locator("summary").ClickAsync();
        await visit.SeesAsync(purpose);
        await visit.LookAsync("staff-cases");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = caseId }).ClickAsync();
        await visit.SeesAsync(course);
        await visit.SeesAsync(completed);
        await visit.Page.Locator("summary").First.ClickAsync();
        var traced = visit.Page.GetByRole(AriaRole.Region, new() { Name = trace, Exact = true });
        await Assertions.Expect(traced.GetByRole(AriaRole.Img)).ToContainTextAsync("erase-profile-on-erase-subject");
        await traced.Locator("summary").ClickAsync();
        await Assertions.Expect(traced.GetByRole(AriaRole.Table)).ToContainTextAsync("relay EraseSubject");
        await visit.LookAsync("staff-case");

        var document = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Page.GetByRole(AriaRole.Link, new() { Name = certificate }).ClickAsync());
        Assert.StartsWith("%PDF-", await File.ReadAllTextAsync(await document.PathAsync()), StringComparison.Ordinal);
    }

    [BrowserTheory]
    [InlineData("ru", "Роскомнадзор: что произошло", "Уведомление, PDF")]
    [InlineData("en", "Roskomnadzor: what happened", "The notification, PDF")]
    public async Task An_incident_shows_its_clocks_and_what_the_authority_is_told(string language, string notice, string document)
    {
        using var officer = browsing.Server.As(Roles.Officer);
        var what = $"A copy was found elsewhere, {language}.";
        await Eventually.Is(
            "it is recorded, once Profile has said what it holds",
            async () =>
            {
                using var recorded = await officer.PostAsJsonAsync(
                    new Uri("/incidents", UriKind.Relative), new { what, noticedAt = DateTimeOffset.UnixEpoch.AddYears(56), services = new[] { "profile" }, categories = new[] { "customer-id" } });
                return recorded.StatusCode;
            },
            status => status == System.Net.HttpStatusCode.Created, RunningServer.Soon);

        await using var visit = await browsing.OpenAsync(language, Roles.Officer);
        await visit.Page.GotoAsync("/staff/incidents");
        await visit.SeesAsync(what);
        await visit.SeesAsync(notice);
        await visit.LookAsync("staff-incidents");
        var pdf = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Page.Locator("section", new() { HasText = what }).GetByRole(AriaRole.Link, new() { Name = document }).ClickAsync());
        Assert.StartsWith("%PDF-", await File.ReadAllTextAsync(await pdf.PathAsync()), StringComparison.Ordinal);
    }

    [BrowserTheory]
    [InlineData("ru", "Скачать PDF", "Аудиторский отчёт")]
    [InlineData("en", "Download PDF", "Audit pack")]
    public async Task An_auditor_takes_the_audit_pack_of_a_period(string language, string download, string title)
    {
        await using var visit = await browsing.OpenAsync(language, Roles.Auditor);
        await visit.Page.GotoAsync("/staff/audit");
        var document = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Page.GetByRole(AriaRole.Button, new() { Name = download }).ClickAsync());
        var page = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Page.GetByRole(AriaRole.Button, new() { Name = "HTML" }).ClickAsync());

        Assert.StartsWith("audit-pack-", document.SuggestedFilename, StringComparison.Ordinal);
        Assert.StartsWith("%PDF-", await File.ReadAllTextAsync(await document.PathAsync()), StringComparison.Ordinal);
        Assert.Contains(title, await File.ReadAllTextAsync(await page.PathAsync()), StringComparison.Ordinal);
    }

    [BrowserTheory]
    [InlineData("ru", "Запись на месте", "Корни не совпали")]
    [InlineData("en", "The entry is in its place", "The roots differ")]
    public async Task The_browser_itself_checks_that_an_entry_is_in_the_log(string language, string good, string bad)
    {
        await using var visit = await browsing.OpenAsync(language, Roles.Auditor);
        await Eventually.Is("the log is signed", async () => (long?)(await browsing.Server.GetAsync("/audit/checkpoint"))["size"] ?? 0, size => size > 5, RunningServer.Soon);
        await visit.Page.GotoAsync("/staff/audit");
        await visit.LookAsync("staff-audit");
        foreach (var number in new[] { 1, 2, 3, 5 })
        {
            await visit.Page.GotoAsync($"/staff/audit/{number.ToString(System.Globalization.CultureInfo.InvariantCulture)}");
            await visit.SeesAsync(good);
        }

        await visit.LookAsync("staff-proof");

        // A hash that was changed on the way leads elsewhere.
        await visit.Page.RouteAsync("**/staff/audit/2", async route =>
        {
            var answer = await route.FetchAsync();
            var html = await answer.TextAsync();
            var leaf = html.Split("data-leaf=\"")[1][..64];
            await route.FulfillAsync(new() { Response = answer, Body = html.Replace($"data-leaf=\"{leaf}\"", $"data-leaf=\"{new string('0', 64)}\"", StringComparison.Ordinal) });
        });
        await visit.Page.GotoAsync("/staff/audit/2");
        await visit.SeesAsync(bad);
    }

    [BrowserTheory]
    [InlineData("ru", "Вашей роли это не показывают")]
    [InlineData("en", "Your role can’t see this")]
    public async Task What_a_role_may_not_see_is_said_in_plain_words(string language, string refused)
    {
        await using var visit = await browsing.OpenAsync(language, Roles.Marketer);
        foreach (var path in new[] { "/staff/cases", "/staff/audit", "/staff/health", "/staff/quarantine" })
        {
            var answer = await visit.RefusedAsync(path);
            Assert.Equal(403, answer.Status);
            await visit.SeesAsync(refused);
        }

        await visit.LookAsync("staff-refused");
    }

    [BrowserTheory]
    [InlineData("ru", "Против профилирования: Рекомендации для вас", "Отклонить", "Ответить", "не длиннее 4000", "отклонено", "Отклонено, вот почему:")]
    [InlineData("en", "To profiling: Recommendations for you", "Reject", "Answer", "at most 4,000", "rejected", "Rejected, for this reason:")]
    public async Task An_officer_answers_an_objection_and_the_person_reads_it(string language, string title, string reject, string send, string refused, string rejected, string told)
    {
        var customer = $"answered-{language}";
        using var own = browsing.Server.As(Roles.Subject, customer);
        using var raised = await own.PostAsJsonAsync(new Uri("/objections", UriKind.Relative), new { customerId = customer, to = "profiling", purpose = "recommendations", statement = "Please don't." });
        var id = (string)JsonNode.Parse(await raised.Content.ReadAsStringAsync())!["objectionId"]!;

        await using var visit = await browsing.OpenAsync(language, Roles.Officer);
        await visit.Page.GotoAsync("/staff/objections");
        await visit.SeesAsync(title);
        await visit.LookAsync("staff-objections");
        await visit.Page.Locator($"a[href='/staff/objections/{id}']").ClickAsync();
        await visit.SeesAsync("Please don't.");
        await visit.LookAsync("staff-objection");
        await visit.Page.GetByText(reject, new() { Exact = true }).ClickAsync();
        await visit.RefusesToLoseAsync("#answer", send, refused);
        await Assertions.Expect(visit.Page.Locator("input[value=rejected]")).ToBeCheckedAsync();
        await visit.LookAsync("staff-objection-refused");
        await visit.Page.Locator("#answer").FillAsync("It is what you asked us for.");
        await visit.Button(send).ClickAsync();
        await visit.SeesAsync(rejected);
        await visit.LookAsync("staff-objection-answered");

        await using var person = await browsing.OpenAsync(language, Roles.Subject, customer);
        await person.Page.GotoAsync($"/me/objections/{id}");
        await person.SeesAsync(told);
        await person.SeesAsync("It is what you asked us for.");
        await person.LookAsync("objection-answered");
    }

    [BrowserTheory]
    [InlineData("ru", "Отметьте хотя бы одну категорию", "Какие фильмы вы посмотрели", "Запретить уничтожение", "действует", "Снять запрет", "Снять и уничтожить", "снято")]
    [InlineData("en", "Tick at least one category", "which films you watched", "Place the hold", "stands", "End the hold", "End it and erase", "ended")]
    public async Task An_officer_places_a_hold_and_ends_it_by_page(string language, string refused, string category, string place, string stands, string open, string end, string ended)
    {
        var reason = $"A claim of {language}, civil code art. 196";
        await using var visit = await browsing.OpenAsync(language, Roles.Officer);
        await visit.Page.GotoAsync("/staff/holds");
        await visit.Page.Locator("a[href='/staff/holds/new']").ClickAsync();
        await visit.LookAsync("staff-hold");

        await visit.Page.Locator("#customer").FillAsync($"claimed-{language}");
        await visit.Page.Locator("#reason").FillAsync(reason);
        visit.Expects("400");
        await visit.Button(place).ClickAsync();
        await visit.SeesAsync(refused);
        Assert.Equal(reason, await visit.Page.Locator("#reason").InputValueAsync());

        await visit.Page.GetByText(category).First.ClickAsync();
        await visit.Button(place).ClickAsync();
        var hold = visit.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = reason });
        await Assertions.Expect(hold).ToContainTextAsync(stands);
        Assert.DoesNotContain($"claimed-{language}", await visit.Page.ContentAsync(), StringComparison.Ordinal);
        await hold.GetByText(open).ClickAsync();
        await visit.LookAsync("staff-holds-ending");
        await hold.GetByRole(AriaRole.Button, new() { Name = end }).ClickAsync();
        await Assertions.Expect(hold).ToContainTextAsync(ended);
    }

    [BrowserTheory]
    [InlineData("ru", Roles.Officer, "Профили", "Записать", "По карте данных", "Отметить отправку", "Отправлено", "Роскомнадзор: что произошло", "отправлено")]
    [InlineData("en", Roles.Officer, "Profiles", "Record it", "By the data map one", "Say that it was sent", "It was sent", "Roskomnadzor: what happened", "sent ")]
    public async Task An_officer_records_an_incident_what_was_done_and_its_notices_by_page(
        string language, string role, string service, string record, string refused, string open, string send, string notice, string sent)
    {
        var what = $"A laptop with a copy was lost, {language}.";
        await using var visit = await browsing.OpenAsync(language, role);
        await visit.Page.GotoAsync("/staff/incidents");
        await visit.Page.Locator("a[href='/staff/incidents/new']").ClickAsync();
        await Eventually.Is("Profile has said what it holds", async () =>
        {
            await visit.Page.ReloadAsync();
            return await visit.Page.Locator("input[value='customer-id']").CountAsync();
        }, found => found > 0, RunningServer.Soon);
        await visit.LookAsync("staff-incident-new");
        await visit.Page.Locator("#what").FillAsync(what);
        await visit.Page.GetByLabel(service).First.CheckAsync();
        await visit.Page.Locator("input[name='categories']").First.CheckAsync();
        visit.Expects("400");
        await visit.Button(record).ClickAsync();
        await visit.SeesAsync(refused);
        Assert.Equal(what, await visit.Page.Locator("#what").InputValueAsync());
        Assert.True(await visit.Page.GetByLabel(service).First.IsCheckedAsync());

        await visit.Page.Locator("input[name='categories']").First.UncheckAsync();
        await visit.Page.Locator("input[value='customer-id']").CheckAsync();
        await visit.Page.Locator("#measures").FillAsync("The keys were rotated.");
        await visit.Button(record).ClickAsync();
        await visit.SeesAsync(what);
        Assert.Equal("The keys were rotated.", await visit.Page.Locator("#measures").InputValueAsync());

        await visit.Page.Locator("#measures").FillAsync("The keys were rotated.\nThe laptop was wiped.");
        await visit.Page.Locator("#inquiry").FillAsync("Nobody opened it.");
        await visit.Button(record).ClickAsync();
        await Assertions.Expect(visit.Page.Locator("#inquiry")).ToHaveValueAsync("Nobody opened it.");
        var row = visit.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = notice });
        await row.GetByText(open).ClickAsync();
        await visit.LookAsync("staff-incident");
        await row.Locator("input[name='reference']").FillAsync("RKN-17");
        await row.GetByRole(AriaRole.Button, new() { Name = send }).ClickAsync();
        await Assertions.Expect(row.Locator(".badge")).ToContainTextAsync(sent);
        await Assertions.Expect(row).ToContainTextAsync("RKN-17");
    }

    [BrowserTheory]
    [InlineData("ru", "Посмотреть последствия", "Никого или единицы", "2 года", "Изменить ещё", "Применить и уничтожить", "3 года, затем 5 лет заблокировано: 402-FZ art. 29")]
    [InlineData("en", "See what follows", "nobody, or a few", "2 years", "Change them further", "Apply them and erase", "3 years, then frozen for 5 years: 402-FZ art. 29")]
    public async Task An_officer_previews_other_rules_and_applies_them(string language, string see, string nobody, string before, string further, string apply, string after)
    {
        await using var server = await RunningServer.StartAsync();
        await server.DeclareAsync();
        await using var visit = await browsing.OpenAsync(language, Roles.Officer, server: server);
        await visit.Page.GotoAsync("/staff/rules");
        await visit.Page.Locator("a[href='/staff/rules/edit']").ClickAsync();
        await visit.LookAsync("staff-rules-edit");
        var days = visit.Page.Locator("input[type=number][value='730']").First;
        var id = await days.GetAttributeAsync("id");
        await days.FillAsync("1");
        await visit.Page.Locator("#reason").FillAsync("Data protection review of autumn");
        await visit.Button(see).ClickAsync();
        await visit.SeesAsync(nobody.ToLowerInvariant());
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = before.Replace(' ', '\u00a0') }).First).ToBeVisibleAsync();
        await visit.LookAsync("staff-rules-preview");
        Assert.Equal(1, (int)(await server.GetAsync("/retention-rules"))["version"]!);

        await visit.Button(further).ClickAsync();
        Assert.Equal("1", await visit.Page.Locator($"#{id}").InputValueAsync());
        Assert.Equal("Data protection review of autumn", await visit.Page.Locator("#reason").InputValueAsync());
        await visit.Page.Locator($"#{id}").FillAsync("1095");
        await visit.Page.Locator($"#{id!.Replace("days", "freeze", StringComparison.Ordinal)}").FillAsync("1825");
        await visit.Page.Locator($"#{id.Replace("days", "basis", StringComparison.Ordinal)}").FillAsync("402-FZ art. 29");
        await visit.Button(see).ClickAsync();
        await visit.Button(apply).ClickAsync();
        await visit.SeesAsync(Regex.Replace(after, @"(\d) ", "$1\u00a0"));
        await visit.SeesAsync("Data protection review of autumn");
        Assert.Equal(2, (int)(await server.GetAsync("/retention-rules"))["version"]!);
    }

    [Fact]
    public async Task Rules_that_somebody_changed_meanwhile_are_not_overwritten_and_bad_ones_are_refused_in_plain_words()
    {
        var before = await browsing.Server.GetAsync("/retention-rules");
        using var late = await browsing.Server.SubmitAsync("/staff/rules", Roles.Officer, ("version", "0"), ("reason", "Late"));
        Assert.Equal(System.Net.HttpStatusCode.Conflict, late.StatusCode);
        Assert.Contains("Somebody else has changed the rules meanwhile", await late.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var bad = await browsing.Server.SubmitAsync(
            "/staff/rules/preview", Roles.Officer, ("version", "1"), ("reason", "Bad"), ("rules[0].purpose", "recommendations"), ("rules[0].category", "viewing"), ("rules[0].keepDays", "soon"));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, bad.StatusCode);
        Assert.Contains("needs a period of 1 to 3,650 days", await bad.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(before.ToJsonString(), (await browsing.Server.GetAsync("/retention-rules")).ToJsonString());
    }

    [BrowserTheory]
    [InlineData("ru", "действует", "Использование незаконно")]
    [InlineData("en", "stands", "The use is unlawful")]
    public async Task An_officer_sees_what_may_not_be_erased_and_lifts_what_may_not_be_used(string language, string stands, string lift)
    {
        using var officer = browsing.Server.As(Roles.Officer);
        using var placed = await officer.PostAsJsonAsync(
            new Uri("/legal-holds", UriKind.Relative), new { customerId = $"held-{language}", categories = new[] { "viewing" }, reason = "A dispute, civil code art. 195" });
        placed.EnsureSuccessStatusCode();
        using var restricted = await officer.PostAsJsonAsync(new Uri("/restrictions", UriKind.Relative), new { customerId = $"restricted-{language}", reason = "unlawfulUse" });
        restricted.EnsureSuccessStatusCode();

        await using var visit = await browsing.OpenAsync(language, Roles.Officer);
        await visit.Page.GotoAsync("/staff/holds");
        var hold = visit.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "A dispute, civil code art. 195" }).First;
        await Assertions.Expect(hold).ToContainTextAsync(stands);
        await visit.LookAsync("staff-holds");

        // Another test's restriction may stand as well.
        var buttons = visit.Page.GetByRole(AriaRole.Button, new() { Name = lift });
        var standing = await buttons.CountAsync();
        await buttons.First.ClickAsync();
        await Assertions.Expect(buttons).ToHaveCountAsync(standing - 1);
    }
}
