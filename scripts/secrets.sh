#!/usr/bin/env bash
# `make secrets`: random passwords and keys for docker/compose.yaml, each in a file of its own below docker/secrets. What is there already stays.
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

folder="$ROOT/docker/secrets"
# Nobody else on this machine may enter. The files are read inside the containers by users without rights there, who see the file and not the folder.
mkdir -p "$folder"
chmod 700 "$folder"

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }

# write NAME TEXT: keeps what was written before. A new password in one file would not be the one that a server was made with.
write() {
    [ -e "$folder/$1" ] && return 0
    printf '%s' "$2" >"$folder/$1.new"
    chmod 444 "$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
    say "docker/secrets/$1"
}

value() { cat "$folder/$1"; }

write master_key "$(head -c 32 /dev/urandom | base64)"
write postgres_password "$(random)"
write control_password "$(random)"
write directory_password "$(random)"
write redis_password "$(random)"
write grafana_password "$(random)"
write s3_secret_key "$(random)"
write servers_admin_url "postgres://postgres:$(value postgres_password)@postgres:5432/postgres"
write control_db_url "postgres://nexus_control:$(value control_password)@postgres:5432/nexus_control"
write directory_db_url "postgres://nexus_directory:$(value directory_password)@postgres:5432/nexus_control"
write redis_url "redis://:$(value redis_password)@redis:6379"
write smtp_url "smtp://mail:1025"
write s3_identities.json "{\"identities\":[{\"name\":\"nexus\",\"credentials\":[{\"accessKey\":\"nexus\",\"secretKey\":\"$(value s3_secret_key)\"}],\"actions\":[\"Admin\",\"Read\",\"Write\",\"List\",\"Tagging\"]}]}"
say "Keep docker/secrets/master_key apart from the machine, too: without it the tenants' databases can't be entered."
