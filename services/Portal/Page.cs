using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Routing.Template;
using Personalization.Platform.Http;
using Personalization.Portal.Pages;

namespace Personalization.Portal;

/// <summary>A page about something.</summary>
public abstract class Page<TModel> : ComponentBase
{
    /// <summary>What it is about.</summary>
    [Parameter, EditorRequired]
    public required TModel Model { get; set; }

    /// <summary>Who looks at it.</summary>
    [CascadingParameter]
    public required Visitor Visitor { get; set; }

    /// <summary><see cref="Visitor.Say"/>.</summary>
    protected string Say(string ru, string en) => Visitor.Say(ru, en);
}

/// <summary>Answers with pages.</summary>
internal static class Page
{
    public static IResult Of<TPage, TModel>(TModel model, int status = StatusCodes.Status200OK)
        where TPage : Page<TModel> => new Rendered(typeof(TPage), model!, status);

    /// <summary>What a service refused or couldn't do, in plain words. A session that is over begins anew on the first page.</summary>
    public static IResult Of(Problem problem) => problem.Status == StatusCodes.Status401Unauthorized ? SignInFirst() : Of<ProblemPage, Problem>(problem, problem.Status);

    public static IResult SignInFirst() => SeeOther("/?session=over");

    /// <summary>The answer to a form: the browser gets the page it should show now, and asking for it again does nothing twice.</summary>
    public static IResult SeeOther(string path) => new Redirection(path);

    /// <summary>Whether a browser can get a page at a path.</summary>
    public static bool IsShown(HttpContext context, PathString path) => context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Any(endpoint =>
        endpoint.Metadata.GetMetadata<PageMark>() is not null
        && endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Get) == true
        && new TemplateMatcher(new RouteTemplate(endpoint.RoutePattern), new RouteValueDictionary()).TryMatch(path, new RouteValueDictionary()));

    /// <summary>Pages of this group are for browsers: a session's cookie signs in, nothing is kept by caches, nothing is taken from elsewhere.</summary>
    public static RouteGroupBuilder Pages(this IEndpointRouteBuilder routes) => routes.MapGroup("")
        .AllowAnonymous()
        .ExcludeFromDescription()
        .TakesTokenFromCookie(Session.Cookie)
        .WithMetadata(new PageMark())
        .AddEndpointFilter<PageFilter>();

    /// <summary>Pages of a person about themselves.</summary>
    public static RouteGroupBuilder PersonPages(this IEndpointRouteBuilder routes) => routes.Pages().AddEndpointFilter((context, next) =>
        Session.Of(context.HttpContext) switch
        {
            null => ValueTask.FromResult<object?>(SignInFirst()),
            { IsPerson: false } staff => ValueTask.FromResult<object?>(SeeOther(staff.Home)),
            _ => next(context),
        });

    /// <summary>Pages of the staff. What a role may see is the services' to say.</summary>
    public static RouteGroupBuilder StaffPages(this IEndpointRouteBuilder routes) => routes.Pages().AddEndpointFilter((context, next) =>
        Session.Of(context.HttpContext) is null ? ValueTask.FromResult<object?>(SignInFirst()) : next(context));

    /// <summary>Marks endpoints of pages.</summary>
    public sealed record PageMark;

    private sealed class Rendered(Type page, object model, int status) : IResult
    {
        public async Task ExecuteAsync(HttpContext context)
        {
            var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>
            {
                [nameof(Document.Visitor)] = Visitor.Of(context),
                [nameof(Document.Page)] = page,
                [nameof(Document.Model)] = model,
            });

            // The renderer alone: the rest of Razor Components brings forms, and with them keys of its own.
            await using var renderer = new HtmlRenderer(context.RequestServices, context.RequestServices.GetRequiredService<ILoggerFactory>());
            var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<Document>(parameters)).ToHtmlString());
            context.Response.StatusCode = status;
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.WriteAsync(html, context.RequestAborted);
        }
    }

    private sealed class Redirection(string path) : IResult
    {
        public Task ExecuteAsync(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = path;
            return Task.CompletedTask;
        }
    }
}
