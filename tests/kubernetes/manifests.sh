#!/bin/bash
# manifests.sh - conf/kubernetes/ fits the schemas of Kubernetes, fits together, and what is in it for our
# programs they understand.
# shellcheck disable=SC2016 # jq's variables
cd "$(dirname "$0")/../.." || exit 1
[ "${IN_NAMESPACE:-}" ] || IN_NAMESPACE=1 exec unshare -m "$0" # what the plugins remember is not this machine's
mount -t tmpfs tmpfs /run
. tests/tap.sh

BUILD=$(realpath "${BUILD:-build}")
PATH=$BUILD/bin:$PATH
dir=$(mktemp -d)
here=conf/kubernetes
documents() { node tests/kubernetes/documents.mjs "$BUILD/deps/kubernetes" "$@"; }
# of JQ-FILTER - of all documents; of_file FILE JQ-FILTER.
of() { jq -r "$@" < "$dir/all"; }
of_file() { documents $here/"$1" | jq -cr "${@:2}"; }

# --- the schemas

documents $here/*.yaml > "$dir/all" 2> "$dir/errors"
is "every manifest fits the schema of its kind" "$? $(< "$dir/errors")" "0 "
# broken SED-SCRIPT FILE PATTERN - that is found.
broken() {
	sed "$1" $here/"$2" > "$dir/broken.yaml"
	! cmp -s "$dir/broken.yaml" $here/"$2" && ! documents "$dir/broken.yaml" > /dev/null 2> "$dir/errors" &&
		grep -qE "$3" "$dir/errors" || { cat "$dir/errors"; false; }
}
ok "a key that does not exist is found" broken 's/hostNetwork/hostNetworking/' rail-cni.yaml 'hostNetworking: no such key'
ok "a value of the wrong type is found" broken 's/backoffLimit: 0/backoffLimit: none/' fence.yaml 'backoffLimit: type'
ok "a key that is missing is found" broken '/roleRef/,/name/d' fence.yaml 'required.*roleRef'
ok "a kind that does not exist is found" broken 's/kind: CronJob/kind: CronTab/' fence.yaml 'batch/v1 CronTab'
ok "a network that is no JSON is found" broken 's/"type": "rail-sriov",/"type": "rail-sriov"/' networks-flat.yaml 'rail0: /spec/config'

# --- they fit together

offered=$(of_file device-plugin.yaml '.data["config.json"] | fromjson.resourceList[] | "\(.resourcePrefix)/\(.resourceName)"' | sort)
is "the device plugin offers four rails, of a PF each" \
	"$(wc -w <<< "$offered") $(of_file device-plugin.yaml '.data["config.json"] | fromjson.resourceList[].selectors[].pfNames[]' | sort -u | wc -l)" "4 4"
for file in networks-flat networks-routed; do
	is "$file: every network takes its VFs from what is offered" \
		"$(of_file $file.yaml '.metadata.annotations["k8s.v1.cni.cncf.io/resourceName"]' | sort)" "$offered"
	is "$file: a network and its leases have the same name" \
		"$(of_file $file.yaml 'select((.spec.config | fromjson.name) != .metadata.name)')" ""
done
pods='if .kind == "CronJob" then .spec.jobTemplate.spec.template else .spec.template end | select(.)'
is "a pod that asks for networks asks for a VF of each" "$(of "$pods"' |
	select(.metadata.annotations["k8s.v1.cni.cncf.io/networks"]) |
	[(.metadata.annotations["k8s.v1.cni.cncf.io/networks"] | split(", ")[] | "rails.cluster/\(.)")] -
	(.spec.containers[0].resources.limits | keys)' | sort -u)" "[]"
is "what the doctor of a node looks at are the networks of networks-flat.yaml" \
	"$(of_file rail-cni.yaml 'select(.kind == "ConfigMap") | .data["rails.conflist"] | fromjson.plugins[]' | jq -Sc .)" \
	"$(of_file networks-flat.yaml '.spec.config | fromjson' |
		jq -Sc '.ipam.pool = .name | del(.name, .cniVersion, .capabilities)')"

# --- rights

is "all that any of it may do in the cluster is to list nodes" "$(of 'select(.rules).rules' -c)" \
	'[{"apiGroups":[""],"resources":["nodes"],"verbs":["list"]}]'
is "... bound to the account of the fence alone" "$(of 'select(.subjects) | .subjects[] | "\(.kind) \(.namespace)/\(.name)"')" \
	"ServiceAccount kube-system/rail-fence"
is "no pod of the system gets a token by itself" \
	"$(of 'select(.metadata.namespace == "kube-system") | '"$pods"' | .spec.automountServiceAccountToken' | sort -u)" false
is "the container that has the token does not see the store, and the other way round" \
	"$(of 'select(.kind == "CronJob") | '"$pods"' | .spec | (.initContainers + .containers)[] |
		"\(.name): \([.volumeMounts[].name] | join(" "))"')" "list: list token
fence: list store"
is "no container has a capability but to lock memory, or may get more than it has" \
	"$(of "$pods"' | .spec | (.initContainers + .containers)[] | .securityContext |
		select(.privileged or .allowPrivilegeEscalation != false or .capabilities.drop != ["ALL"] or
			(.capabilities.add // ["IPC_LOCK"]) != ["IPC_LOCK"])')" ""

# --- what is for our programs, they understand

# cni PLUGIN VERB CONF - as Multus would call it: without a device, or with the one given in CONF.
cni() {
	CNI_COMMAND=$2 CNI_CONTAINERID=${container:-c1} CNI_NETNS="$netns" CNI_IFNAME=net1 CNI_PATH="$BUILD/bin" \
		CNI_ARGS='IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=training-0' "$1" <<< "$3"
}
touch "$dir/netns"
unshare --net="$dir/netns" true
netns=$dir/netns
for file in networks-routed networks-flat; do
	store=$dir/$file # the pools of both have the same names, and other ranges
	mkdir "$store"
	rail-ipam init "$store" > /dev/null
	while read -r network; do
		name="$file: $(jq -r .name <<< "$network")"
		network=$(jq -c --arg store "$store" '.ipam.store = $store' <<< "$network")
		like "$name: no VF, and it says so" "$(cni rail-sriov ADD "$network")" \
			'"code": *7,.*deviceID: missing, and so is pf'
		like "$name: a VF that is not here, and nothing else to complain of" \
			"$(cni rail-sriov ADD "$(jq -c '.deviceID = "0000:ff:1f.7" | .pciBusID = .deviceID |
				.runtimeConfig = {mac: "02:00:00:00:00:01", CNIDeviceInfoFile: "/nowhere"}' <<< "$network")")" \
			'"code": *101,.*no device 0000:ff:1f\.7'
		like "$name: an address of its range" "$(cni rail-ipam ADD "$network")" \
			"\"address\": *\"$(jq -r '.ipam.range | sub("[0-9.]{3,4}/.*"; "")' <<< "$network")"
		ok "... which can be given back" cni rail-ipam DEL "$network"
	done < <(of_file $file.yaml '.spec.config | fromjson')
done
umount "$dir/netns"
of_file rail-cni.yaml 'select(.kind == "ConfigMap") | .data["rails.conflist"]' |
	sed "s,/srv/rail-ipam,$store," > "$dir/rails.conflist"
CNI_PATH=$BUILD/bin rail-sriov doctor "$dir/rails.conflist" > "$dir/doctor"
is "the doctor reads the rails of the DaemonSet, and finds nothing wrong with them and the store" \
	"$? $(grep -c 'rails IPAM *ok' "$dir/doctor") $(grep -c FAILED "$dir/doctor")" "0 4 0"

# command KIND CONTAINER - its command line, as a list.
command_of() {
	of --arg name "$2" 'select(.kind == "'"$1"'") | '"$pods"' | .spec.containers[] | select(.name == $name) | (.command // []) + (.args // [])' -c
}
mapfile -t fence < <(command_of CronJob fence | jq -r '.[]' | sed "s,/list/nodes,$dir/nodes,; s,/srv/rail-ipam,$store,")
network=$(of_file networks-flat.yaml '.spec.config | fromjson' | head -n 1 | jq -c --arg store "$store" '.ipam.store = $store')
for node in one two gone; do
	container=$node cni rail-ipam ADD "$(jq -c ".ipam.nodeName = \"$node\"" <<< "$network")" > /dev/null
done
printf 'node/one\nnode/two\n' > "$dir/nodes"
ok "the fence frees what a node holds that is not on the list" "${fence[@]}"
is "... and nothing else" "$(rail-ipam list "$store" --json | jq -r '[.. | objects | select(.state == "leased") | .node] | sort | join(" ")')" "one two"
for node in a b c d; do
	container=$node cni rail-ipam ADD "$(jq -c ".ipam.nodeName = \"$node\"" <<< "$network")" > /dev/null
done
ok "when most of the nodes are not, nothing, and the Job fails" eval '! "${fence[@]}"'
is "... indeed nothing" "$(rail-ipam list "$store" --json | jq '[.. | objects | select(.state == "leased")] | length')" 6
: > "$dir/nodes"
ok "nor when there is no node at all on the list" eval '! "${fence[@]}"'

is "the DaemonSet runs the installer" "$(command_of DaemonSet plugins)" '["install","--stay"]'
like "... which knows that option" "$(rail-install --help)" 'install +\[--stay\]'
is "images of ours are of this version" \
	"$(of "$pods"' | .spec | (.initContainers + .containers)[].image | select(test("^(rail-cni|rdma-probe):"))' | sort -u | xargs)" \
	"rail-cni:$(rail-ipam --version | cut -d' ' -f2) rdma-probe:$(rail-ipam --version | cut -d' ' -f2)"
rm -r "$dir"
done_testing
