#!/bin/bash
# Starts MongoDB as a replica set that asks for passwords. The image makes the root user on the first start, from its environment;
# the password is read from its file here, so that it is neither in the compose file nor in what `docker inspect` shows. Arguments are further flags.
set -euo pipefail
export MONGO_INITDB_ROOT_USERNAME=root
MONGO_INITDB_ROOT_PASSWORD=$(cat /keys/mongo/root-password)
export MONGO_INITDB_ROOT_PASSWORD
encryption=()
# In production there is a certificate, and nothing is spoken without it. Services prove who they are by password, so they need none.
if [ -f /keys/mongo/tls/server.pem ]; then
    encryption=(--tlsMode requireTLS --tlsCertificateKeyFile /keys/mongo/tls/server.pem --tlsCAFile /keys/mongo/tls/authority.pem
        --tlsAllowConnectionsWithoutCertificates)
fi
# What an instance that died had begun to write blocks others until its transaction is given up: after a minute, unless told otherwise, which is
# longer than a message is tried again. None of ours takes a second.
exec docker-entrypoint.sh mongod --replSet rs0 --bind_ip_all --keyFile /keys/mongo/keyfile --setParameter transactionLifetimeLimitSeconds=10 "${encryption[@]}" "$@"
