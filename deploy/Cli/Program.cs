using System.Runtime.InteropServices;
using Personalization.Cli;

const string Usage = """
    personalization COMMAND

      init DIR [options]        make the keys, passwords and broker definitions that the containers start with; keeps what is there
            --tls               for production: also a certificate authority and certificates, and addresses that are spoken to through TLS
            --broker HOST       the broker's name                                             (default rabbitmq)
            --database SERVERS  the members of the database's replica set, HOST:PORT,...      (default mongo:27017)
            --replica-set NAME  its name                                                      (default rs0)
            --keep-owner        hand no file to the user of another container: for where they go on as Kubernetes' secrets; needs no root
      rotate-keys DIR [options] give each service's keyring its next key-encryption key; the running services wrap their data keys again
            --service SERVICE   only this one's
      rotate-credentials DIR [options]
                                make each service's next signing key and accounts at broker and database, beside those in use
            --service SERVICE   only this one's; or those of a product service
      retire-credentials DIR [options]
                                when nobody uses them any more, end what came before; prints what to tell the broker. Same options
      backup DIR [options]      copy each service's data into DIR, as of one moment each
            --key-stores        its data keys instead; keep them in another place than the data
            --service SERVICE   only this one's
            --keys DIR          where the deployment's keys are      (default $Keys__Directory, else .data/keys)
            --data DIR          where the local server's data is     (default beside the keys)
      restore DIR [options]     put such copies back, into stores that no service is using; same options, and
            --replace           in place of what the stores hold
      token ROLE [options]      print a token of the local issuer, valid for 12 hours (accepted in Development only)
            ROLE                product, operator, officer, marketer, auditor, subject or service
            --subject CUSTOMER  the person's customer id, for the role subject
            --region REGION     the caller's region                                           (default ru)
            --keys DIR          where the issuer's key is            (default $Keys__Directory, else .data/keys)
            --link              print the address at which a browser signs in with it, for that of --url URL  (default http://localhost:8080)
      apply FILE [options]      show how a server's declarations differ from the file's, and change what differs
            --url URL           the server                                      (default http://localhost:8080)
            --keys DIR          as above
            --check             only check the file
            --wait              wait for a server that is starting
      verify-ledger FILE [options]
                                check an export of GET /ledger/export, without any server; FILE - reads the standard input
            --keys DIR          as above: its public keys are the trusted ones
            --jwks FILE         the trusted keys instead, as a JSON Web Key Set
      verify-certificate FILE [options]
                                check GET /erasures/CASE/certificate (JSON or JOSE) in the same way, with the same options
      acts DIR [options]        write the act and the log export (order 179) of all erasure cases completed in a period, a file a day: PDF to sign, and JWS
            --from DAY          the first day, UTC                                            (default today)
            --through DAY       the last one                                                  (default the same)
            --language LANGUAGE ru or en                                                      (default ru)
            --token FILE        an officer's token for the server --url; without it, one of the local issuer (--keys DIR, as above)
      verify-audit FILE [options]
                                check an export of GET /audit/export, or a proof of an entry or of two sizes, in the same way, with the same options
            --checkpoint FILE   a checkpoint kept from before, or several, one a line: the log has to be the one they were signed of
      evaluate [FILE]           measure the model that serves against others on likings that are held out; a Markdown table, a row a model
            FILE                a CSV whose header names user and item (rating, time if it has them), or lines: user item item ...; gzipped or not
                                                                              (default the demo's data)
            --train FILE --test FILE   two such files instead
      demo [options]            replay the sample data, and walk one customer through consent, recommendations and erasure
            --url URL, --keys DIR   as above; without --url the local server, started if it doesn't run
            --fresh             delete the local server's data first
            --exit              don't go on serving after the walk
            --wait              wait for a server that is starting, rather than start one
            --people N          only the first N of the 671 people
            --tickets URL       where the sample of a product service is; without --url the one that ./dev run starts beside the server
    """;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

try
{
    switch (args)
    {
        case ["init", var directory, .. var options]: return Init.Run(directory, options);
        case ["rotate-keys", var directory, .. var options]: return RotateKeys.Run(directory, options);
        case ["rotate-credentials", var directory, .. var options]: return RotateCredentials.Rotate(directory, options);
        case ["retire-credentials", var directory, .. var options]: return RotateCredentials.Retire(directory, options);
        case ["backup", var directory, .. var options]: return await Backups.BackupAsync(directory, options, stop.Token);
        case ["restore", var directory, .. var options]: return await Backups.RestoreAsync(directory, options, stop.Token);
        case ["token", var role, .. var options]: return LocalTokens.Print(role, options);
        case ["apply", var file, .. var options]: return await Apply.RunAsync(file, options, stop.Token);
        case ["verify-ledger", var file, .. var options]: return await VerifyLedger.RunAsync(file, options, stop.Token);
        case ["verify-certificate", var file, .. var options]: return VerifyCertificate.Run(file, options);
        case ["acts", var directory, .. var options]: return await Acts.RunAsync(directory, options, stop.Token);
        case ["verify-audit", var file, .. var options]: return await VerifyAudit.RunAsync(file, options, stop.Token);
        case ["evaluate", .. var options]: return Evaluate.Run(options, stop.Token);
        case ["demo", .. var options]: return await Demo.RunAsync(options, stop.Token);
        case ["help" or "--help" or "-h"]:
            Console.WriteLine(Usage);
            return 0;
        case ["init"]: throw new UsageException("init takes the directory to make keys and passwords in.");
        case ["rotate-keys" or "rotate-credentials" or "retire-credentials"]: throw new UsageException($"{args[0]} takes the directory that init made the keys in.");
        case ["acts"]: throw new UsageException("acts takes the directory to write acts and logs to.");
        case ["backup" or "restore"]: throw new UsageException($"{args[0]} takes the directory of the copies.");
        case ["token"]: throw new UsageException("token takes a role: product, operator, officer, marketer, auditor, subject or service.");
        case ["apply"]: throw new UsageException("apply takes the file with the declarations, deploy/samples/cinema.json for example.");
        case [var command, ..]: throw new UsageException($"There is no command {command}.\n\n{Usage}");
        default: throw new UsageException(Usage);
    }
}
catch (UsageException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
catch (CommandException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
catch (Exception e) when (stop.IsCancellationRequested && (e is OperationCanceledException or HttpRequestException))
{
    // Ctrl-C reaches a server that the demo started as well, so its silence is the first that is seen of it.
    return 130;
}
catch (Exception e) when (e is OperationCanceledException or HttpRequestException)
{
    Console.Error.WriteLine($"The server stopped answering: {e.Message}");
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
