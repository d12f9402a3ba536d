using Xunit;

// One server and one browser on two cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
