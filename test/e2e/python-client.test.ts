/** Python's Kubernetes client, as Debian ships it: lists, watches and all writes of a DaemonSet. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { missing } from '../../tools/testing/programs.ts'
import { type Cluster, mustRun, startCluster } from '../support/cluster.ts'

const skip = missing('/usr/bin/python3', '/usr/lib/python3/dist-packages/kubernetes/__init__.py')

let cluster: Cluster
before(async () => {
  if (!skip) cluster = await startCluster(['--nodes', '0', '--simulated', '2'])
})
after(async () => {
  if (!skip) await cluster.stop()
})

/** Runs a script that prints one line of JSON per finding. */
async function python(script: string): Promise<unknown[]> {
  const prelude = `
import json
from kubernetes import client, config, dynamic, watch
from kubernetes.client.rest import ApiException
config.load_kube_config()
apps, core = client.AppsV1Api(), client.CoreV1Api()
def say(*found): print(json.dumps(found if len(found) > 1 else found[0]), flush=True)
def refused(call, *args, **more):
    try:
        call(*args, **more)
    except ApiException as error:
        return [error.status, json.loads(error.body)["reason"]]
`
  const output = await mustRun('/usr/bin/python3', ['-W', 'ignore', '-c', prelude + script], { env: { KUBECONFIG: cluster.kubeconfig }, timeout: 60_000 })
  return output
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as unknown)
}

test('a DaemonSet is created, followed until it is ready, patched, replaced and deleted', { skip }, async () => {
  const said = await python(`
say(sorted(node.metadata.name for node in core.list_node().items))
labels = {"app": "py"}
body = client.V1DaemonSet(
    metadata=client.V1ObjectMeta(name="py"),
    spec=client.V1DaemonSetSpec(
        selector=client.V1LabelSelector(match_labels=labels),
        template=client.V1PodTemplateSpec(
            metadata=client.V1ObjectMeta(labels=labels),
            spec=client.V1PodSpec(termination_grace_period_seconds=0, containers=[client.V1Container(name="c", image="one")]))))
made = apps.create_namespaced_daemon_set("default", body)
say(made.spec.update_strategy.rolling_update.max_unavailable, made.metadata.generation)
say(refused(apps.create_namespaced_daemon_set, "default", body))

follow = watch.Watch()
for event in follow.stream(apps.list_namespaced_daemon_set, "default", resource_version=made.metadata.resource_version, timeout_seconds=30):
    if event["object"].status.number_ready == 2:
        follow.stop()
say("ready", len(core.list_namespaced_pod("default", label_selector="app=py").items))

image = lambda name: {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": name}]}}}}
patched = apps.patch_namespaced_daemon_set("py", "default", image("two"))
say(patched.spec.template.spec.containers[0].image, patched.metadata.generation)
json_patch = [{"op": "add", "path": "/spec/minReadySeconds", "value": 1}]
say(apps.patch_namespaced_daemon_set("py", "default", json_patch).spec.min_ready_seconds)

stale = apps.read_namespaced_daemon_set("py", "default")
apps.patch_namespaced_daemon_set("py", "default", {"metadata": {"labels": {"moved": "on"}}})
stale.metadata.labels = {"from": "before"}
say(refused(apps.replace_namespaced_daemon_set, "py", "default", stale))
# The controller writes the status meanwhile: whoever replaces reads again after a conflict.
def replaced():
    fresh = apps.read_namespaced_daemon_set("py", "default")
    fresh.metadata.labels = {"from": "now"}
    return apps.replace_namespaced_daemon_set("py", "default", fresh)
while refused(replaced) == [409, "Conflict"]: pass
say(apps.read_namespaced_daemon_set("py", "default").metadata.labels)
say(apps.read_namespaced_daemon_set_status("py", "default").status.desired_number_scheduled)

apps.delete_namespaced_daemon_set("py", "default", propagation_policy="Foreground")
for event in watch.Watch().stream(apps.list_namespaced_daemon_set, "default", timeout_seconds=30):
    if event["type"] == "DELETED":
        break
say(refused(apps.read_namespaced_daemon_set, "py", "default"))
`)
  assert.deepEqual(said, [
    ['sim-1', 'sim-2'],
    [1, 1],
    [409, 'AlreadyExists'],
    ['ready', 2],
    ['two', 2],
    1,
    [409, 'Conflict'],
    { from: 'now' },
    2,
    [404, 'NotFound'],
  ])
})

test('a watch without a revision begins with what is there; pages, selectors and refusals are as its types expect', { skip }, async () => {
  const said = await python(`
core.create_namespaced_config_map("default", client.V1ConfigMap(metadata=client.V1ObjectMeta(name="seen"), data={"a": "1"}))
names = set()
for event in watch.Watch().stream(core.list_namespaced_config_map, "default", timeout_seconds=1):
    names.add((event["type"], event["object"].metadata.name))
say(sorted(names))
many = core.list_namespaced_config_map("default", limit=1)
say(len(many.items), len(core.list_namespaced_config_map("default", limit=100, _continue=many.metadata._continue).items))
say(refused(core.read_namespaced_config_map, "absent", "default"))
say(refused(core.list_namespaced_config_map, "default", label_selector="a in"))
`)
  assert.deepEqual(said, [
    [
      ['ADDED', 'kube-root-ca.crt'],
      ['ADDED', 'seen'],
    ],
    [1, 1],
    [404, 'NotFound'],
    [400, 'BadRequest'],
  ])
})

test('the dynamic client finds kinds by discovery and writes what it found', { skip }, async () => {
  const said = await python(`
dyn = dynamic.DynamicClient(client.ApiClient())
sets = dyn.resources.get(api_version="apps/v1", kind="DaemonSet")
say(sets.name, sets.namespaced, sets.short_names)
manifest = {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "dyn"}, "spec": {
    "selector": {"matchLabels": {"app": "dyn"}},
    "template": {"metadata": {"labels": {"app": "dyn"}}, "spec": {"containers": [{"name": "c", "image": "one"}]}}}}
sets.create(body=manifest, namespace="default")
say(sets.get(name="dyn", namespace="default").spec.template.spec.containers[0].image)
say([item.metadata.name for item in sets.get(namespace="default", field_selector="metadata.name=dyn").items])
say(sets.patch(name="dyn", namespace="default", body={"spec": {"minReadySeconds": 3}}, content_type="application/merge-patch+json").spec.minReadySeconds)
sets.delete(name="dyn", namespace="default")
say(client.VersionApi().get_code().git_version.split("+")[1].split(".")[0])
`)
  assert.deepEqual(said, [['daemonsets', true, ['ds']], 'one', ['dyn'], 3, 'everynode'])
})
