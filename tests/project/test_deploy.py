"""deploy/: what the tools of containers, Kubernetes and systemd say; where the boundaries are."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ports import free_ports

from bot.sealing import new_keys

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
TOOLS = ROOT / ".venv/deploy/bin"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
DOCKERFILES = sorted(DEPLOY.glob("*.Dockerfile"))
_VARIABLE = re.compile(r"KOMPAS_[A-Z][A-Z0-9_]*")
# what each is called in supervisord.conf
PROCESSES = {"site": "web", "rasa": "rasa", "actions": "actions", "delivery": "delivery"}
PROCESSES |= {"desk": "desk"}


def run(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a tool; what it says goes to the report of a test that fails."""
    done = subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, timeout=120, **options
    )
    print(done.stdout, done.stderr)
    return done


@cache
def compose() -> dict[str, Any]:
    """The compose file as Docker Compose itself reads it."""
    addresses = {"KOMPAS_PUBLIC_URL": "https://a.example", "KOMPAS_DESK_URL": "https://b.example"}
    command = (TOOLS / "docker-compose", "-f", DEPLOY / "docker-compose.yml", "config")
    done = run(*command, "--format", "json", env={**os.environ, **addresses})
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@cache
def pods() -> dict[str, dict[str, Any]]:
    """The pods of the manifests by name."""
    documents = [each for file in MANIFESTS for each in yaml.safe_load_all(file.read_text())]
    return {
        each["metadata"]["name"]: each["spec"]["template"]["spec"]
        for each in documents
        if each["kind"] == "StatefulSet"
    }


def secrets_given() -> list[tuple[str, str, set[str]]]:
    """Who gives which process which secrets."""
    found = []
    for name, service in compose()["services"].items():
        given = {each["source"] for each in service.get("secrets", [])}
        found.append(("docker-compose.yml", name.partition("-")[0], given))
    for unit in UNITS:
        name = unit.stem.removeprefix("kompas-").removesuffix("@")
        given = set(re.findall(r"^LoadCredential=(\w+):", unit.read_text(), re.M))
        found.append((unit.name, name, given))
    made = secrets_of_the_page()
    for pod in pods().values():
        volumes = {each["name"]: each for each in pod["volumes"]}
        for container in pod["containers"]:
            mounted = [volumes.get(each["name"], {}) for each in container["volumeMounts"]]
            named = [each["secret"]["secretName"] for each in mounted if "secret" in each]
            given = {secret for name in named for secret in made[name]}
            found.append(("kubernetes", container["name"].partition("-")[0], given))
    return found


def secrets_of_the_page() -> dict[str, set[str]]:
    """Which files docs/deploy.md puts into which Secret of Kubernetes."""
    page = (ROOT / "docs/deploy.md").read_text()
    lines = re.findall(r"create secret generic (\S+) (.+)", page)
    return {name: set(re.findall(r"--from-file=(\w+)", files)) for name, files in lines}


GIVEN = secrets_given() if (TOOLS / "docker-compose").exists() else []


def withheld(process: str) -> set[str]:
    """What supervisord.conf keeps from a process."""
    conf = (ROOT / "supervisord.conf").read_text()
    section = conf.partition(f"[program:{PROCESSES[process]}]")[2].partition("[program")[0]
    return set(re.findall(r"-u (KOMPAS_\w+)", section))


def test_the_tools_are_there():
    for tool in ("docker-compose", "hadolint", "kubernetes-validate"):
        assert (TOOLS / tool).exists(), "run `make test-plain`, which installs them"


@pytest.mark.parametrize("name", PROCESSES)
def test_no_process_is_given_a_secret_that_it_does_not_have_without_containers(name: str):
    assert withheld(name)
    places = [(place, given) for place, process, given in GIVEN if process == name]
    assert len(places) >= 3, "compose, systemd and Kubernetes"
    for place, given in places:
        assert not given & withheld(name), place


def test_only_the_desk_is_given_keys_of_cases():
    for place, process, given in GIVEN:
        if process != "desk":
            named = {"KOMPAS_DATABASE_URL", "KOMPAS_DESK_KEYS", "KOMPAS_DESK_SEAL_KEYS"}
            assert not given & named, (place, process)


def test_what_is_erased_at_the_desk_is_erased_in_rasa_by_the_courier_alone():
    holders: dict[str, set[str]] = {}
    for place, process, given in GIVEN:
        if "KOMPAS_CHANNEL_SECRET" in given:
            holders.setdefault(place.partition("-")[0], set()).add(process)
        if process == "delivery":
            assert given == {
                "KOMPAS_CHANNEL_SECRET",
                "KOMPAS_DESK_SERVICE_TOKEN",
                "KOMPAS_OUTBOX_KEY",
            }, place
    inside = {"site", "rasa", "delivery"}
    assert holders == {"docker": inside, "kompas": inside, "kubernetes": inside}
    assert "KOMPAS_CHANNEL_SECRET" in withheld("desk")
    # and where it finds the Rasa servers: in its own network, as many as there are
    services = compose()["services"]
    courier, rasa = services["delivery"], services["rasa-0"]
    assert courier["network_mode"] == rasa["network_mode"]
    for name in ("KOMPAS_RASA_WORKERS", "KOMPAS_RASA_PORT"):
        assert courier["environment"].get(name) == rasa["environment"].get(name)


def test_secrets_are_in_files_that_belong_to_nobody_else():
    for name, service in compose()["services"].items():
        settings = service.get("environment") or {}
        secret = {each["target"] for each in compose()["secrets"].values() if "target" in each}
        assert not set(settings) & (secret | set(compose()["secrets"])), name
    for file in MANIFESTS:
        assert "kind: Secret" not in file.read_text(), "by reference only"


def test_rasa_and_the_action_server_listen_where_only_their_own_network_reaches():
    services = compose()["services"]
    for name in ("rasa-0", "rasa-1", "actions", "delivery", "site"):
        assert services[name]["network_mode"] == "service:loopback", name
        assert "ports" not in services[name]
    published = {port["target"] for each in services.values() for port in each.get("ports", [])}
    assert published == {8080, 8081}
    for name, pod in pods().items():
        ports = {p["containerPort"] for c in pod["containers"] for p in c.get("ports", [])}
        assert ports == {"visitors": {8080}, "desk": {8081}, "postgres": {5432}}[name]


def test_the_networks_part_visitors_from_cases():
    networks, services = compose()["networks"], compose()["services"]
    assert all(networks[name].get("internal") for name in ("letters", "talks", "cases"))
    assert set(services["loopback"]["networks"]) == {"visitors", "letters", "talks"}
    assert set(services["desk"]["networks"]) == {"office", "letters", "cases"}
    assert set(services["postgres"]["networks"]) == {"talks", "cases"}


def test_the_policies_of_kubernetes_part_them_too():
    documents = list(yaml.safe_load_all((DEPLOY / "kubernetes/network.yaml").read_text()))
    policies = {each["metadata"]["name"]: each["spec"] for each in documents}
    assert policies["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    allowed = {}
    for name in ("visitors", "desk", "postgres"):
        rules = policies[name].get("ingress", [])
        allowed[name] = {
            (str(next(iter(peer.values()))["matchLabels"]), port["port"])
            for rule in rules
            for peer in rule["from"]
            for port in rule["ports"]
        }
    assert allowed == {
        "visitors": {("{'kompas.example.org/proxy-of': 'visitors'}", 8080)},
        "desk": {
            ("{'kompas.example.org/proxy-of': 'desk'}", 8081),
            ("{'app': 'visitors'}", 8081),
        },
        "postgres": {("{'app': 'visitors'}", 5432), ("{'app': 'desk'}", 5432)},
    }


@pytest.mark.parametrize("name", ["site", "rasa-0", "actions", "delivery", "desk", "postgres"])
def test_a_container_is_not_root_writes_nothing_of_its_own_and_has_limits(name: str):
    service = compose()["services"][name]
    assert service["user"].partition(":")[0] not in ("", "0")
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["deploy"]["resources"]["limits"]["memory"]
    assert service["restart"] == "unless-stopped"
    if name != "delivery":
        assert service["healthcheck"]["test"]


def test_the_containers_of_kubernetes_too():
    for name, pod in pods().items():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True, (name, container["name"])
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]
            assert "livenessProbe" in container or container["name"] == "delivery"


def test_kubernetes_knows_every_field_of_the_manifests():
    files = [file for file in MANIFESTS if file.name != "kustomization.yaml"]
    done = run(TOOLS / "kubernetes-validate", "--strict", *files)
    assert done.returncode == 0
    built = yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text())
    assert sorted(built["resources"]) == sorted(file.name for file in files)
    named = [each for one in built["configMapGenerator"] for each in one.get("files", [])]
    named += [each for one in built["configMapGenerator"] for each in one.get("envs", [])]
    assert all((DEPLOY / "kubernetes" / each).is_file() for each in named)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kustomize_builds_the_manifests():
    done = run("kubectl", "kustomize", DEPLOY / "kubernetes")
    assert done.returncode == 0
    kinds = [each["kind"] for each in yaml.safe_load_all(done.stdout)]
    assert {"StatefulSet", "NetworkPolicy", "PodDisruptionBudget", "ConfigMap"} <= set(kinds)


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: file.name)
def test_a_dockerfile_is_as_its_linter_wants_it_and_takes_only_pinned_packages(file: Path):
    # an id by number is one that Kubernetes can check
    assert run(TOOLS / "hadolint", "--ignore", "DL3066", file).returncode == 0
    text = file.read_text()
    assert "--no-deps --require-hashes" in text
    assert re.search(r"^USER 10001$", text, re.M)


def _units_here(folder: Path) -> list[Path]:
    """The units with the project where it is, and one of each that is made of a template."""
    found = []
    for unit in [*UNITS, DEPLOY / "systemd/kompas.target"]:
        copy = folder / unit.name.replace("@.", "@0.")
        copy.write_text(unit.read_text().replace("/opt/kompas", str(ROOT)))
        found.append(copy)
    return found


def test_systemd_takes_the_units_and_finds_little_exposed(tmp_path: Path):
    units = _units_here(tmp_path)
    done = run("systemd-analyze", "verify", "--man=no", *units)
    assert done.returncode == 0
    assert "kompas" not in done.stderr, "it warns of nothing"
    services = [unit for unit in units if unit.suffix == ".service"]
    # the scale ends at 10; a service without any of this has 9.6
    done = run("systemd-analyze", "security", "--offline=true", "--threshold=20", *services)
    assert done.returncode == 0


def _names(text: str) -> set[str]:
    return set(_VARIABLE.findall(text))


def test_every_setting_in_deploy_is_documented_and_every_setting_has_its_place_there():
    documented = _names((ROOT / "docs/settings.md").read_text())
    files = [file for file in DEPLOY.rglob("*") if file.is_file() and "secrets" not in file.parts]
    used = {name: file for file in files for name in _names(file.read_text())}
    assert {name: file for name, file in used.items() if name not in documented} == {}
    missing = documented - set(used)
    assert not missing, f"deploy/settings.env.example lacks {sorted(missing)}. Add a line for each."


def test_the_entrypoint_gives_a_process_its_secrets_and_becomes_it(tmp_path: Path):
    (tmp_path / "KOMPAS_CHANNEL_SECRET").write_text("a b'c$d")
    (tmp_path / "OTHER").write_text("no")
    environment = {"PATH": os.environ["PATH"], "CREDENTIALS_DIRECTORY": str(tmp_path)}
    done = run(DEPLOY / "entrypoint.sh", "sh", "-c", "env; ulimit -c", env=environment)
    assert "KOMPAS_CHANNEL_SECRET=a b'c$d" in done.stdout
    assert "OTHER" not in done.stdout
    assert done.stdout.endswith("\n0\n")
    assert run(DEPLOY / "entrypoint.sh", "sh", "-c", "exit 7", env=environment).returncode == 7


def test_new_secrets_are_all_that_is_asked_for_and_stay(tmp_path: Path):
    folder = tmp_path / "secrets"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def make() -> dict[str, str]:
        done = run(DEPLOY / "new_secrets.sh", folder, cwd=ROOT, env=environment)
        assert done.returncode == 0
        assert done.stdout == ""
        return {each.name: each.read_text() for each in folder.iterdir()}

    made = make()
    asked = {name for _, _, given in GIVEN for name in given}
    assert set(made) == asked
    assert all(len(value) >= 32 for value in made.values())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert make() == made


def _copied(dockerfile: Path, into: Path) -> None:
    """What the last stage of a Dockerfile copies, laid out as in its image."""
    last = dockerfile.read_text().rpartition("\nFROM ")[2]
    for line in re.findall(r"^COPY (?:--from=\w+ )?(.+)$", last, re.M):
        *sources, target = line.split()
        for source in sources:
            origin = ROOT / source.removeprefix("/app/")
            if not origin.exists() or source.startswith("/opt"):
                continue
            place = into / target.removeprefix("/app").strip("/")
            place = place / origin.name if target.endswith("/") else place
            place.parent.mkdir(parents=True, exist_ok=True)
            if origin.is_dir():
                shutil.copytree(origin, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(origin, place)


def test_what_the_image_of_rasa_holds_is_enough_to_begin(tmp_path: Path):
    _copied(DEPLOY / "bot.Dockerfile", tmp_path)
    modules = "actions, bot.channel, bot.conversation_locks, bot.nlg.generator, bot.serve"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "HOME": str(tmp_path)}
    command = (ROOT / ".venv/bot/bin/python", "-c", f"import {modules}")
    assert run(*command, cwd=tmp_path, env=environment).returncode == 0


@pytest.mark.parametrize(("module", "path"), [("web", "/healthz"), ("desk", "/readyz")])
def test_what_the_image_holds_is_enough_to_serve(tmp_path: Path, module: str, path: str):
    image, var = tmp_path / "app", tmp_path / "var"
    _copied(DEPLOY / "web.Dockerfile", image)
    var.mkdir()
    (port,) = free_ports(1)
    private, public = new_keys()
    secrets = dict.fromkeys(
        ("CHANNEL_SECRET", "TOKEN_SECRET", "DESK_SERVICE_TOKEN", "DESK_KEYS", "DESK_INDEX_KEY"),
        "s" * 40,
    )
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(image),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(var),
        "KOMPAS_VAR": str(var),
        "KOMPAS_WEB_PORT": str(port),
        "KOMPAS_DESK_PORT": str(port),
        "KOMPAS_DESK_SEAL_KEYS": private,
        "KOMPAS_DESK_SEAL_PUBLIC": public,
        **{f"KOMPAS_{name}": value for name, value in secrets.items()},
    }
    command = [str(image / "deploy/entrypoint.sh"), str(ROOT / ".venv/web/bin/python"), "-m"]
    process = subprocess.Popen([*command, module], cwd=image, env=environment)
    try:
        began = time.monotonic()
        while not _answers(port, path):
            assert process.poll() is None, "it ended"
            assert time.monotonic() - began < 120, "it does not answer"
            time.sleep(0.1)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False
