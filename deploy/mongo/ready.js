// MongoDB's health check (mongosh --nodb ready.js): initiates the replica set, makes the users that are missing, and succeeds once the
// services can use it. It is here and not in the image's init folder because that one runs before the replica set exists, on the first
// start only, and not again when it was interrupted; so a service added later gets its user too.
const { existsSync, readFileSync, readdirSync } = require('fs');

const secrets = '/keys/mongo';
const secret = (name) => readFileSync(`${secrets}/${name}`, 'utf8');

// As start.sh decides it.
const encryption = existsSync(`${secrets}/tls/server.pem`) ? `&tls=true&tlsCAFile=${secrets}/tls/authority.pem` : '';
const admin = connect(`mongodb://root:${secret('root-password')}@localhost:27017/admin?directConnection=true${encryption}`);
const hello = admin.hello();
if (!hello.setName) {
    admin.runCommand({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: 'mongo:27017' }] } });
    quit(1);
}
if (!hello.isWritablePrimary) {
    quit(1);
}

// A file is a user: named as its only database, or so with a number where passwords were rotated, holding the password. One whose file is gone was retired.
const users = readdirSync(`${secrets}/users`);
const databaseOf = (user) => user.replace(/-[0-9]+$/, '');
for (const name of users) {
    const database = admin.getSiblingDB(databaseOf(name));
    if (!database.getUser(name)) {
        database.createUser({ user: name, pwd: secret(`users/${name}`), roles: [{ role: 'readWrite', db: databaseOf(name) }] });
    }
}
for (const name of new Set(users.map(databaseOf))) {
    const database = admin.getSiblingDB(name);
    for (const { user } of database.getUsers().users) {
        if (databaseOf(user) === name && !users.includes(user)) {
            database.dropUser(user);
        }
    }
}
