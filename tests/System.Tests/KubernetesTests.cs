using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using Personalization.Contracts;
using Personalization.System.Tests.Harness;
using Personalization.System.Tests.Publishing;
using Personalization.Testing;
using Xunit;
using YamlDotNet.Core;

namespace Personalization.System.Tests;

/// <summary>The manifests of <c>deploy/kubernetes</c> as kustomize puts them together, against the API's models and against the rest of the deployment.</summary>
public sealed partial class KubernetesTests
{
    private static readonly string[] Services = ["audit", "consent", "portal", "profile", "recommendation", "retention"];

    // Of the operators, whose schemas are in no package: deploy/kubernetes/README.md.
    private static readonly string[] Unchecked =
        ["keda.sh/v1alpha1/ScaledObject", "keda.sh/v1alpha1/TriggerAuthentication", "mongodbcommunity.mongodb.com/v1/MongoDBCommunity", "rabbitmq.com/v1beta1/RabbitmqCluster"];

    [RequiresKubectlFact]
    public async Task Every_manifest_is_of_the_form_that_the_API_takes()
    {
        var manifests = await RenderAsync();

        Assert.Equal(Unchecked, manifests.Select(KindOf).Where(kind => !kind.StartsWith("v1/", StringComparison.Ordinal) && !IsOfTheApi(kind)).Distinct().Order(StringComparer.Ordinal));
        Assert.All(manifests.Where(manifest => !Unchecked.Contains(KindOf(manifest))), manifest => Assert.Single(Parse(manifest)));
        Assert.Equal(Services, Of<V1Deployment>(manifests).Select(deployment => deployment.Metadata.Name).Order());
    }

    [Theory]
    [InlineData("terminationGracePeriod: 60")]
    [InlineData("containers: [{ name: service, readinesProbe: {} }]")]
    [InlineData("automountServiceAccountToken: perhaps")]
    public void A_field_that_the_API_does_not_know_would_be_noticed(string field) => Assert.ThrowsAny<YamlException>(() => Parse(
        $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: audit }
        spec: { template: { spec: { {{field}} } } }
        """));

    [RequiresKubectlFact]
    public async Task Every_service_is_probed_limited_and_confined()
    {
        var manifests = await RenderAsync();

        Assert.All(Of<V1Deployment>(manifests), deployment =>
        {
            var pod = deployment.Spec.Template.Spec;
            var container = Assert.Single(pod.Containers);
            Assert.Equal(("/health/live", "/health/live", "/health/ready"), (container.StartupProbe.HttpGet.Path, container.LivenessProbe.HttpGet.Path, container.ReadinessProbe.HttpGet.Path));
            Assert.All([container.StartupProbe, container.LivenessProbe, container.ReadinessProbe], probe => Assert.Equal("HTTPS", probe.HttpGet.Scheme));
            Assert.True(container.Resources.Limits.ContainsKey("memory") && container.Resources.Requests.ContainsKey("cpu"), "It has no limit of memory, or no share of the processors.");
            Assert.True(pod.SecurityContext.RunAsNonRoot);
            Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
            Assert.False(pod.AutomountServiceAccountToken);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        });
        Assert.Equal(["mongo", "rabbitmq", .. Services], Of<V1PodDisruptionBudget>(manifests).Select(budget => budget.Metadata.Name).OrderBy(name => Services.Contains(name)).ThenBy(name => name));
        var closed = Assert.Single(Of<V1NetworkPolicy>(manifests), policy => policy.Spec.PodSelector.MatchLabels is null or { Count: 0 } && policy.Spec.Egress is null);
        Assert.Equal(["Egress", "Ingress"], closed.Spec.PolicyTypes.Order());
        Assert.Null(closed.Spec.Ingress);
    }

    [RequiresKubectlFact]
    public async Task What_a_pod_mounts_is_what_init_hands_out()
    {
        var manifests = await RenderAsync();
        var script = Assert.Single(Of<V1Job>(manifests)).Spec.Template.Spec.Containers.Single().Args.Single();
        string[] handedOut =
        [
            .. Services.SelectMany(service => Loop().Match(script).Groups["parts"].Value.Split(' ').Select(part => $"{service}-{part}")),
            .. HandedOut().Matches(script).Select(secret => secret.Groups["name"].Value),
        ];
        string[] configured = [.. Of<V1ConfigMap>(manifests).Select(map => map.Metadata.Name)];

        Assert.All(Of<V1Deployment>(manifests).SelectMany(deployment => deployment.Spec.Template.Spec.Volumes).Where(volume => volume.Secret is not null), volume =>
            Assert.Contains(volume.Secret.SecretName, handedOut));
        // The operators' resources name secrets too; the one that isn't init's stands beside them.
        Assert.All(manifests.Where(manifest => Unchecked.Contains(KindOf(manifest))).SelectMany(manifest => SecretOfOperator().Matches(manifest)), secret =>
            Assert.Contains(secret.Groups["name"].Value, handedOut.Append("rabbitmq-scaler")));
        Assert.All(Of<V1Deployment>(manifests), deployment => Assert.Contains(deployment.Spec.Template.Spec.Containers.Single().EnvFrom.Single().ConfigMapRef.Name, configured));
    }

    [RequiresKubectlFact]
    public async Task What_is_scaled_by_are_queues_of_the_service()
    {
        var scaled = (await RenderAsync()).Where(manifest => KindOf(manifest) == "keda.sh/v1alpha1/ScaledObject").ToArray();

        Assert.Equal(2, scaled.Length);
        Assert.All(scaled, manifest => Assert.Contains(
            Topology.Subscriptions, subscription => subscription.Queue == Queue().Match(manifest).Groups["name"].Value && subscription.Service == Target().Match(manifest).Groups["name"].Value));
    }

    private static async Task<IReadOnlyList<string>> RenderAsync()
    {
        var rendered = await CommandLine.RunAsync(
            TimeSpan.FromMinutes(1), ComposeSystem.Root(), new Dictionary<string, string?>(), "kubectl", "kustomize", "deploy/kubernetes/overlays/example");
        Assert.True(rendered.ExitCode == 0, rendered.LastLines);
        return rendered.Output.Split("\n---\n");
    }

    private static List<object> Parse(string manifest) => KubernetesYaml.LoadAllFromString(manifest, strict: true);

    private static IEnumerable<T> Of<T>(IEnumerable<string> manifests) =>
        manifests.Where(manifest => !Unchecked.Contains(KindOf(manifest))).SelectMany(Parse).OfType<T>();

    private static string KindOf(string manifest) => $"{Version().Match(manifest).Groups["version"].Value}/{Kind().Match(manifest).Groups["kind"].Value}";

    private static bool IsOfTheApi(string kind) => !kind.Split('/')[0].Contains('.') || kind.Split('/')[0].EndsWith(".k8s.io", StringComparison.Ordinal);

    [GeneratedRegex(@"^apiVersion: (?<version>\S+)$", RegexOptions.Multiline)]
    private static partial Regex Version();

    [GeneratedRegex(@"^kind: (?<kind>\S+)$", RegexOptions.Multiline)]
    private static partial Regex Kind();

    [GeneratedRegex(@"for part in (?<parts>[a-z ]+); do")]
    private static partial Regex Loop();

    [GeneratedRegex(@"^secret (?<name>[a-z-]+) ", RegexOptions.Multiline)]
    private static partial Regex HandedOut();

    [GeneratedRegex(@"(secretName: |(?:passwordSecretRef|certificateKeySecretRef|caCertificateSecretRef):\s+(?:key: \S+\s+)?name: |parameter: \S+\s+key: \S+\s+name: |key: \S+\s+name: )(?<name>\S+)")]
    private static partial Regex SecretOfOperator();

    [GeneratedRegex(@"queueName: (?<name>\S+)")]
    private static partial Regex Queue();

    [GeneratedRegex(@"scaleTargetRef:\s+name: (?<name>\S+)")]
    private static partial Regex Target();
}

/// <summary>A fact that runs kubectl, without a cluster; where there is none, it is skipped with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresKubectlFactAttribute : FactAttribute
{
    public RequiresKubectlFactAttribute() =>
        Skip = RequiresCommandFactAttribute.Find("version --client", "kubectl") is null ? "No kubectl: it puts the manifests together." : null;
}
