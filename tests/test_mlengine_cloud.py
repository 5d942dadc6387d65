"""The cloud's configs, image and commands, as far as they can be checked without a cloud.

gcloud itself reads the configs and parses CLOUD.md's command lines, where it is installed; nothing is sent.
"""

import ast
import json
import os
import re
import shlex
import shutil
import subprocess

import pytest
import yaml
from packaging.requirements import Requirement
from processes import ROOT, run

ENGINE = ROOT / "mlengine"
PAGE = ENGINE / "CLOUD.md"
DOCKERFILE = ENGINE / "Dockerfile"
JOBS = {
    "config.yaml": "custom-jobs",
    "config-cpu.yaml": "custom-jobs",
    "config-l4.yaml": "custom-jobs",
    "config-distributed.yaml": "custom-jobs",
    "config-hptune.yaml": "hp-tuning-jobs",
}
CREATE = "gcloud ai {} create --region=us-central1 --display-name=mnist --config={}"

# Run by gcloud's own Python, on command lines from stdin. "send" goes as far as the request, and prints it
# instead of sending it, with the keys unknown to gcloud; "parse" stops before a command is carried out.
GCLOUD = """
import json, shlex, sys

root, mode = sys.argv[1:]
sys.path[:0] = [f"{root}/lib", f"{root}/lib/third_party"]
from apitools.base.protorpclite import messages
from apitools.base.py import base_api, encoding
from googlecloudsdk import gcloud_main
from googlecloudsdk.calliope import backend

class Enough(BaseException):
    pass

def unknown(message):
    yield from message.all_unrecognized_fields()
    for field in message.all_fields():
        if isinstance(field, messages.MessageField):
            inner = getattr(message, field.name)
            for part in inner if field.repeated else [inner] if inner else []:
                yield from unknown(part)

def send(self, method, request, *more, **others):
    print(json.dumps({"request": encoding.MessageToPyValue(request), "unknown": list(unknown(request))}))
    raise Enough

def parsed(self, cli, args):
    print(json.dumps({"command": self.dotted_name}))

base_api.BaseApiService._RunMethod = send
if mode == "parse":
    backend.Command.Run = parsed
cli = gcloud_main.CreateCLI([])
for line in sys.stdin:
    try:
        cli.Execute(shlex.split(line)[1:])
    except Enough:
        pass
    except SystemExit:
        print(json.dumps({"refused": line}))
"""


@pytest.fixture(scope="session")
def gcloud(tmp_path_factory):
    """What gcloud makes of each of these command lines."""
    if not shutil.which("gcloud"):
        pytest.skip("gcloud, the Google Cloud CLI, is not installed")
    environment = {
        **os.environ,
        "CLOUDSDK_CONFIG": str(
            tmp_path_factory.mktemp("gcloud")
        ),  # not the settings of whoever runs the tests
        "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
        "CLOUDSDK_CORE_PROJECT": "a-project",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "true",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
    }

    def call(*command, **more):
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=120, **more
        )

    places = call("gcloud", "info", "--format=value(installation.sdk_root,basic.python_location)").stdout
    root, python = places.strip().split("\t")

    def read(lines, mode):
        done = call(python, "-S", "-c", GCLOUD, root, mode, input="\n".join(lines))
        answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        assert len(answers) == len(lines), done.stderr
        return answers, done.stderr

    return read


def plain(value):
    """gcloud writes some numbers as text."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    try:
        return float(value)
    except ValueError:
        return value


def request(answer):
    """The job that gcloud would ask for, without what comes from the command line."""
    [job] = [value for name, value in answer["request"].items() if name != "parent"]
    return plain(job["jobSpec"] if "jobSpec" in job else {k: v for k, v in job.items() if k != "displayName"})


def understood(answer, text):
    """gcloud has understood every key of this YAML, and nothing has got lost."""
    return answer.get("unknown") == [] and request(answer) == plain(yaml.safe_load(text))


def test_gcloud_understands_every_word_of_the_configs(gcloud):
    lines = [CREATE.format(JOBS[name], shlex.quote(str(ENGINE / name))) for name in JOBS]
    answers, errors = gcloud(lines, "send")
    for name, answer in zip(JOBS, answers):
        assert understood(answer, (ENGINE / name).read_text()), f"{name}: {errors}"


def test_a_misspelt_key_would_be_noticed(gcloud, tmp_path):
    """gcloud itself passes over most of them without a word."""
    lines, texts, edits = [], [], []
    for name in JOBS:
        text = (ENGINE / name).read_text()
        keys = sorted(set(re.findall(r"(\w+):(?: |$)", re.sub("#.*", "", text), re.MULTILINE)))
        assert {"workerPoolSpecs", "replicaCount", "machineType", "baseOutputDirectory"} <= set(keys)
        for key in keys:
            snake = re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", key)
            texts.append(re.sub(rf"\b{key}:", f"{snake if snake != key else key + 's'}:", text))
            path = tmp_path / f"{key}-{name}"
            path.write_text(texts[-1])
            lines.append(CREATE.format(JOBS[name], path))
            edits.append((name, key))
    answers, _ = gcloud(lines, "send")
    assert not [edit for edit, answer, text in zip(edits, answers, texts) if understood(answer, text)]


def job_spec(name):
    config = yaml.safe_load((ENGINE / name).read_text())
    return config.get("trialJobSpec", config)


@pytest.mark.parametrize("name", JOBS)
def test_every_config_names_the_same_image_and_what_the_page_fills_in(name):
    spec = job_spec(name)
    images = {pool["containerSpec"]["imageUri"] for pool in spec["workerPoolSpecs"]}
    assert images == {"REGION-docker.pkg.dev/PROJECT/mnist/trainer:1"}
    assert spec["baseOutputDirectory"]["outputUriPrefix"] == "gs://BUCKET/JOB"
    assert spec["scheduling"]["timeout"] == "3600s"  # what the page says of the costs


def test_the_configs_ask_for_the_machines_that_they_are_named_after():
    [pool] = job_spec("config.yaml")["workerPoolSpecs"]
    assert pool["replicaCount"] == 1 and pool["machineSpec"]["acceleratorCount"] == 1
    [pool] = job_spec("config-l4.yaml")["workerPoolSpecs"]
    l4 = {"machineType": "g2-standard-4", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
    assert pool["replicaCount"] == 1 and pool["machineSpec"] == l4
    [pool] = job_spec("config-cpu.yaml")["workerPoolSpecs"]
    assert pool["replicaCount"] == 1 and pool["machineSpec"].keys() == {"machineType"}
    chief, workers = job_spec("config-distributed.yaml")["workerPoolSpecs"]
    assert (chief["replicaCount"], workers["replicaCount"]) == (1, 2)
    assert job_spec("config-distributed.yaml")["scheduling"]["restartJobOnWorkerRestart"] is True


@pytest.mark.parametrize("name", JOBS)
def test_machines_with_a_gpu_may_be_taken_away(name):
    """They are the ones that cost; without the line, they stay."""
    with_gpu = name != "config-cpu.yaml"
    assert job_spec(name)["scheduling"].get("strategy") == ("SPOT" if with_gpu else None)
    assert (ENGINE / name).read_text().count(" strategy: SPOT") == with_gpu


@pytest.mark.parametrize("name", JOBS)
def test_the_trainer_has_the_options_that_the_configs_give_it(name):
    from mlengine.trainer import options

    for pool in job_spec(name)["workerPoolSpecs"]:
        needs_gpu = "acceleratorType" in pool["machineSpec"]
        assert options.parse("", pool["containerSpec"]["args"]).require_gpu == needs_gpu


# --------------------------------------------------------------------------------------------- the image


def instructions():
    """[(name, rest)] of the Dockerfile, its continued lines joined."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE)
    return [tuple(line.split(None, 1)) for line in re.sub(r"\\\n", " ", text).splitlines() if line.strip()]


def pins():
    """The packages of the image, from its lock file; no line but these, their hashes, and comments."""
    text = re.sub(r"^#.*\n", "", (ENGINE / "image.txt").read_text(), flags=re.MULTILINE)
    found = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        package, *hashes = line.split()
        assert hashes and all(re.fullmatch("--hash=sha256:[0-9a-f]{64}", word) for word in hashes), package
        found.append(Requirement(package))
    return found


def test_every_version_in_the_image_is_fixed():
    assert all([s.operator for s in pin.specifier] == ["=="] for pin in pins())
    assert len({pin.name.lower() for pin in pins()}) == len(pins())
    [base] = [rest for name, rest in instructions() if name == "FROM"]
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base)
    [python] = re.findall(r"--python-version (\S+)", (ENGINE / "image.txt").read_text())
    assert base.startswith(f"python:{python}.")


def test_nothing_is_installed_without_its_hash():
    installs = [part for name, rest in instructions() if name == "RUN" for part in rest.split("&&")]
    installs = [shlex.split(part) for part in installs if "install" in part]
    assert len(installs) == 2  # setuptools, which builds one of the packages, then all
    for words in installs:
        assert words[:2] == ["pip", "install"] and {"--require-hashes", "--no-deps"} <= set(words)
        assert words[-2:] in (["-r", "build.txt"], ["-r", "image.txt"])
    assert "--no-build-isolation" in installs[-1]


@pytest.mark.skipif(os.name != "posix", reason="sed is that of the image")
def test_setuptools_is_taken_from_the_same_list():
    [install] = [rest for name, rest in instructions() if name == "RUN" and "sed" in rest]
    [sed] = re.findall(r"sed -n '[^']+' image.txt", install)
    lines = subprocess.run(["sh", "-c", sed], cwd=ENGINE, capture_output=True, text=True, check=True).stdout
    package, *hashes = re.sub(r"\\\n", " ", lines).split()
    assert package.startswith("setuptools==") and hashes
    assert all(word.startswith("--hash=sha256:") for word in hashes)


def test_the_command_for_the_list_is_the_one_that_made_it():
    [told] = re.findall(r"#   (uv pip compile .*\n(?:#       .*\n)*)", DOCKERFILE.read_text())
    [made] = re.findall(r"^#    (uv pip compile .*)$", (ENGINE / "image.txt").read_text(), re.MULTILINE)
    assert re.sub(r"\\\n#", " ", told).split() == made.split()


def test_the_image_has_what_the_requirements_ask_for():
    versions = {pin.name.lower(): next(iter(pin.specifier)).version for pin in pins()}
    for file in ROOT / "requirements.txt", ENGINE / "requirements.txt":
        lines = re.sub("#.*", "", file.read_text()).splitlines()
        for wanted in [Requirement(line) for line in lines if line.strip() and not line.startswith("-")]:
            assert wanted.specifier.contains(versions[wanted.name.lower()], prereleases=True), wanted
    assert {"nvidia-cudnn-cu12", "nvidia-cublas-cu12"} <= versions.keys()  # without them, no GPU


def copied():
    """The files and folders of the trainer that the Dockerfile copies."""
    words = [word for name, rest in instructions() if name == "COPY" for word in rest.split()[:-1]]
    return [word for word in words if word != "mlengine/image.txt"]


def imports(*sources):
    """The project's own modules and packages that these files import, anywhere in them."""
    nodes = [node for path in sources for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    roots = {name.split(".")[0] for name in names}
    return {name for name in roots if (ROOT / f"{name}.py").exists() or (ROOT / name).is_dir()}


def test_mlengine_imports_nothing_of_the_dashboard():
    assert imports(*ENGINE.rglob("*.py")) == {"mlengine", "mnistdata", "startup"}


def test_the_image_has_the_files_that_the_trainer_imports_and_no_others():
    lines = (ENGINE / "Dockerfile.dockerignore").read_text().splitlines()
    assert [line[1:] for line in lines if line.startswith("!")] == copied() and "*" in lines
    needed = imports(*ENGINE.rglob("*.py"), *(ROOT / name for name in copied() if name.endswith(".py")))
    assert {name.removesuffix(".py") for name in copied()} == needed


@pytest.mark.slow
def test_the_trainer_runs_on_what_the_image_has(digits_folder, tmp_path):
    for name in copied():
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    tiny = ("--data", digits_folder, "--model=dense", "--steps=2")
    done = run("-m", "mlengine.trainer.task", *tiny, cwd=tmp_path, PYTHONPATH=None)
    assert done.returncode == 0 and (tmp_path / "mnist-job" / "report.json").exists(), done.stderr


def test_the_image_runs_the_trainer_and_not_as_root():
    names = [name for name, _ in instructions()]
    found = dict(instructions())
    assert json.loads(found["ENTRYPOINT"]) == ["python", "-m", "mlengine.trainer.task"]
    last_copy = len(names) - 1 - names[::-1].index("COPY")
    assert found["USER"] == "trainer" and names.index("USER") < names.index("WORKDIR") < last_copy


# ---------------------------------------------------------------------------------- the page's commands


def commands():
    """The page's indented command lines, continued ones joined, its variables filled in."""
    text = re.sub(r"\\\n\s*", "", PAGE.read_text(encoding="utf-8"))
    lines = [line.strip() for line in re.findall(r"^    (\S.*)$", text, re.MULTILINE)]
    values = {}

    def filled(text):
        return re.sub(r"\$([A-Z]+)", lambda name: values[name[1]], text)

    for line in lines:
        for word in line.split() if re.match("[A-Z]+=", line) else []:
            name, value = word.split("=", 1)
            values[name] = filled(value)
    return [filled(line) for line in lines if re.match("(gcloud|sed|cp) ", line)]


def test_the_commands_of_the_page_are_gclouds_own(gcloud):
    lines = [part.strip() for line in commands() for part in line.split("&&")]
    lines = [shlex.join(shlex.split(line, comments=True)) for line in lines if line.startswith("gcloud ")]
    assert len(lines) > 20
    answers, errors = gcloud([*lines, "gcloud ai custom-jobs create --job-dir=gs://mine"], "parse")
    assert [answer for answer in answers if "refused" in answer] == answers[-1:], errors


def test_what_sed_writes_has_no_gaps():
    [sed] = {line.split(" > ")[0] for line in commands() if line.startswith("sed ") and "config.yaml" in line}
    for name in JOBS:
        command = sed.replace("mlengine/config.yaml", shlex.quote(str(ENGINE / name)))
        filled = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout
        assert not re.search("REGION|PROJECT|BUCKET|JOB", filled)
        assert yaml.safe_load(filled).keys() == yaml.safe_load((ENGINE / name).read_text()).keys()
