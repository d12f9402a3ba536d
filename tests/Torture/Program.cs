using Personalization.Torture;

// Processes that tests kill, or that kill themselves at a place a test names.
return args switch
{
    ["units", var store, var writers, var documents] => await WriteUnits.RunAsync(store, writers, documents),
    ["profile", .. var settings] => await FailingProfile.RunAsync(settings),
    _ => throw new ArgumentException("torture units CONNECTION-STRING WRITERS DOCUMENTS-A-UNIT | torture profile SETTINGS"),
};
