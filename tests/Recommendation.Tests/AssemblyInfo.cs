// Each class runs a service of its own, on few cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
