using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Personalization.Platform;
using Assembly = System.Reflection.Assembly;

namespace Personalization.Conventions.Tests;

/// <summary>A service as its module describes it.</summary>
/// <param name="Module">Its module.</param>
/// <param name="Built">What the module lists.</param>
internal sealed record Service(IModule Module, ModuleBuilder Built)
{
    public Assembly Assembly => Module.GetType().Assembly;

    public override string ToString() => Module.Name;
}

/// <summary>Every service of the system, found by its folder.</summary>
internal static class Services
{
    public static IReadOnlyList<Service> All { get; } = [.. Repository.Services.Select(Load)];

    /// <summary>Types and what they use, as compiled: services, platform, and the bad examples.</summary>
    public static Architecture Architecture { get; } = new ArchLoader()
        .LoadAssemblies([typeof(Services).Assembly, typeof(ServiceHost).Assembly, .. All.Select(service => service.Assembly)])
        .Build();

    private static Service Load(string name)
    {
        var module = Assembly.Load($"Personalization.{name}").GetTypes().Single(type => type.IsAssignableTo(typeof(IModule)));
        var instance = (IModule)Activator.CreateInstance(module)!;
        return new Service(instance, new ModuleBuilder(instance));
    }
}
