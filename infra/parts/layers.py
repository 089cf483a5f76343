"""The two layers of every function: pinned third-party packages, and our own package."""

from __future__ import annotations

import compileall
import hashlib
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from aws_cdk import AssetHashType, RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.environment import Environment

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "layers" / "dependencies" / "requirements.txt"
NOT_CODE = ["**/__pycache__", "**/*.pyc"]

_BUILT = ROOT / ".build" / "layers"
LAMBDA_PYTHON = (3, 13)
_LAMBDA = ["--python-version", "3.13", "--implementation", "cp", "--platform"]
_TARGETS = {
    "lambda-arm64": [*_LAMBDA, "manylinux2014_aarch64"],
    "lambda-x86_64": [*_LAMBDA, "manylinux2014_x86_64"],
    "local": [],
}
# All that botocore must know; without the other 400 services the layer is a fifth of its size.
_SERVICES = {"dynamodb", "s3", "scheduler", "secretsmanager", "sqs", "sts"}
_LOADED_ALWAYS = {"_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json"}
_NEVER_RUN = ("**/__pycache__", "**/tests", "**/test", "bin", "boto3/examples", "*.dist-info")
# Parts of Powertools that no function asks for. A cold start pays for every file that is there.
_NEVER_ASKED = (
    *("auth_alpha", "batch", "circuit_breaker", "data_masking", "feature_flags", "idempotency", "kafka"),
    *("metadata", "parameters", "parser", "streaming", "validation"),
)
# The one zone that the domain reckons in, as the tzdata package keeps it.
_ZONE = ("Asia", "Shanghai")


class LayerBroken(Exception):
    """The dependencies could not be installed; the message ends with what pip said."""


class PlatformLayers(Construct):
    """Both layers, for one environment's machines."""

    def __init__(self, scope: Construct, name: str, environment: Environment) -> None:
        super().__init__(scope, name)
        architecture = architecture_of(environment)
        self.dependencies = self._layer(
            "Dependencies", self._dependencies(environment.layer_target), architecture
        )
        ours = lambda_.Code.from_asset(str(ROOT / "layers" / "openmas"), exclude=NOT_CODE)
        self.openmas = self._layer("OpenMas", ours, architecture)

    @property
    def both(self) -> list[lambda_.ILayerVersion]:
        return [self.dependencies, self.openmas]

    def _layer(
        self, name: str, code: lambda_.Code, architecture: lambda_.Architecture
    ) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            name,
            code=code,
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            compatible_architectures=[architecture],
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _dependencies(self, target: str) -> lambda_.Code:
        if not Stack.of(self).bundling_required:
            return lambda_.Code.from_asset(str(_placeholder()))
        folder = build_dependencies(target)
        return lambda_.Code.from_asset(
            str(folder), asset_hash=folder.name, asset_hash_type=AssetHashType.CUSTOM
        )


def architecture_of(environment: Environment) -> lambda_.Architecture:
    return lambda_.Architecture.ARM_64 if environment.architecture == "arm64" else lambda_.Architecture.X86_64


def build_dependencies(target: str) -> Path:
    """The folder of the layer for a target, built unless it is there.

    Shape: its name changes with the lock file, this module and the Python that compiles it.
    Raises: LayerBroken.
    """
    made_from = LOCK.read_bytes() + Path(__file__).read_bytes()
    if _runs_our_python(target):
        made_from += sys.version.encode()
    folder = _BUILT / f"{target}-{hashlib.sha256(made_from).hexdigest()[:16]}"
    if not folder.exists():
        _BUILT.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="begun-", dir=_BUILT) as begun:
            made = Path(begun, "layer")
            _install(_TARGETS[target], made / "python")
            _prune(made / "python")
            if _runs_our_python(target):
                _compile(made / "python")
            # Two deployments may build at once; the first one's folder is as good.
            with suppress(OSError):
                made.rename(folder)
    return folder


def _install(target: list[str], into: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
    ]
    command += ["--no-deps", "--only-binary=:all:", "--require-hashes", "--requirement", str(LOCK)]
    into.mkdir(parents=True)
    done = subprocess.run(
        [*command, *target, "--target", str(into)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LayerBroken(f"pip could not install the dependencies layer: {done.stderr.strip()[-800:]}")


def _prune(python: Path) -> None:
    """Nothing is left that no function loads."""
    unused = [path for pattern in _NEVER_RUN for path in python.glob(pattern)]
    unused += [python / "aws_lambda_powertools" / "utilities" / part for part in _NEVER_ASKED]
    for path in [*unused, *_unused_services(python), *_unused_zones(python / "tzdata")]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _runs_our_python(target: str) -> bool:
    """Whether what this interpreter compiles is what the target can load."""
    return target == "local" or sys.version_info[:2] == LAMBDA_PYTHON


def _compile(python: Path) -> None:
    """Byte code lies beside its source: a cold start that must compile takes twice as long.

    It is valid whatever the times of the files say, since archives do not keep them.
    """
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_dir(python, quiet=2, invalidation_mode=mode):
        raise LayerBroken("The dependencies layer holds a module that does not compile.")


def _unused_services(python: Path) -> Iterator[Path]:
    for library in ("botocore", "boto3"):
        for path in (python / library / "data").iterdir():
            if path.name not in _SERVICES | _LOADED_ALWAYS:
                yield path


def _unused_zones(tzdata: Path) -> Iterator[Path]:
    """Every file of the package but its modules and our zone."""
    for path in tzdata.rglob("*"):
        if path.is_file() and path.suffix != ".py" and path != tzdata.joinpath("zoneinfo", *_ZONE):
            yield path


def _placeholder() -> Path:
    folder = _BUILT / "placeholder"
    (folder / "python").mkdir(parents=True, exist_ok=True)
    return folder
