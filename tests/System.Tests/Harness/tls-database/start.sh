#!/bin/bash
# Starts the database of the production tests. Where the image is DocumentDB, which speaks MongoDB's protocol but no TLS, TLS ends just before it, in the
# same container, with the certificate that mongod would use.
set -euo pipefail
[ -d /opt/gateway ] || exec bash /deploy/start.sh
node -e '
const { readFileSync } = require("fs"), pem = readFileSync("/keys/mongo/tls/server.pem");
require("tls").createServer({ key: pem, cert: pem }, near => {
    const far = require("net").connect(27018, "127.0.0.1");
    near.on("error", () => far.destroy()).on("close", () => far.destroy());
    far.on("error", () => near.destroy()).on("close", () => near.destroy());
    near.pipe(far).pipe(near);
}).on("tlsClientError", () => {}).listen(27017);' &
exec bash /deploy/start.sh --port 27018
