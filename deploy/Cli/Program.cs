using Personalization.Cli;

const string Usage = """
    personalization COMMAND

      init DIR                  make the keys, passwords and broker definitions that the containers start with; keeps what is there
      token ROLE [options]      print a token of the local issuer, valid for 12 hours (accepted in Development only)
            ROLE                product, operator, officer, marketer, auditor, subject or service
            --subject CUSTOMER  the person's customer id, for the role subject
            --region REGION     the caller's region                                           (default ru)
            --keys DIR          where the issuer's key is            (default $Keys__Directory, else .data/keys)
    """;

try
{
    switch (args)
    {
        case ["init", var directory]: return Init.Run(directory);
        case ["token", var role, .. var options]: return LocalTokens.Print(role, options);
        case ["help" or "--help" or "-h"]:
            Console.WriteLine(Usage);
            return 0;
        default: throw new UsageException(Usage);
    }
}
catch (UsageException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
