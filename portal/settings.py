"""Settings of the portal, all from the environment (docs/OPERATING.md lists every variable).

There is one settings module: what differs between a laptop, the tests and the office's servers is the
environment. A missing or example secret refuses to start.
"""

from __future__ import annotations

import os
from pathlib import Path

from kombu import Exchange, Queue

from portal import environment as env
from portal import queues

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("JHT_VAR", str(BASE_DIR / "var"))).absolute()

# -- secrets -------------------------------------------------------------------------------------------------
SECRET_KEY = env.secret("JHT_SECRET_KEY", least=50)
# Keys for personal data at rest: "2:<32 hex>,1:<32 hex>". The first one encrypts, all of them decrypt.
DATA_KEYS = env.secret("JHT_DATA_KEYS", least=34)
# Whether encrypted values of earlier releases, which are bound to no place, are refused in any case.
BOUND_VALUES_ONLY = env.flag("JHT_BOUND_VALUES_ONLY")
# Key of the digests by which an encrypted number is found.
INDEX_KEY = env.secret("JHT_INDEX_KEY", least=32)
# Key of the heads of the audit chain: the database never holds it.
AUDIT_KEY = env.secret("JHT_AUDIT_KEY", least=32)

DEBUG = env.flag("JHT_DEBUG")
# Plain HTTP is for loopback only: it takes "secure" off the cookies.
PLAIN_HTTP = env.flag("JHT_PLAIN_HTTP")
ALLOWED_HOSTS = env.words("JHT_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
# Where the public reaches the portal; printed on letters and in their QR codes.
PUBLIC_URL = env.text("JHT_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# -- application ---------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "pgtrigger",
    "pghistory",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "portal",
    "portal.regions",
    "portal.accounts",
    "portal.audit",
    "portal.jobs",
    "portal.policy",
    "portal.workforce",
    "portal.cases",
    "portal.funds",
    "portal.letters",
    "portal.outgoing",
    "portal.lists",
    "portal.entitlements",
    "portal.window",
    "portal.my",
    "portal.api",
    "talent_registry",
    "subsidies",
]

MIDDLEWARE = [
    "portal.accounts.gate.Gate",
    "portal.answers.Answers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.accounts.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.middleware.SessionRules",
    "portal.upload_limits.UploadLimits",
    "portal.audit.middleware.WhoAsks",
    "portal.accounts.middleware.SecondFactor",
    "pghistory.middleware.HistoryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.kept_queries.KeptQueries",
    "portal.pages.kept_answers.KeptAnswers",
    # Last, so that its 404 has a session and an account like any other.
    "portal.addresses.PlainAddress",
    "portal.pages.errors.NotToBeOpened",
    "portal.pages.errors.AlteredValues",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["portal.templating.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.pages.context.page",
            ],
            "builtins": ["portal.templatetags.portal"],
        },
    }
]
FORM_RENDERER = "portal.form_renderer.FormRenderer"

# -- database and broker -------------------------------------------------------------------------------------
# The application connects as a role that owns nothing; migrations run as the owner of the tables.
_AS_OWNER = os.environ.get("JHT_DATABASE_ROLE") == "owner" and env.text("DATABASE_OWNER_URL", "")
DATABASES = {"default": env.database("DATABASE_OWNER_URL" if _AS_OWNER else "DATABASE_URL")}
APPLICATION_ROLE = env.database("DATABASE_URL")["USER"]

REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "jht",
    }
}

# Celery takes a socket as redis+socket://, everything else as it is.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_ALWAYS_EAGER = False
# A worker that is not told its queues takes from all of them.
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in queues.ALL]
CELERY_TASK_DEFAULT_QUEUE = queues.DEFAULT
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_ROUTES = ("portal.queues.route",)
CELERY_WORKER_CONSUMER = "portal.consumer:Consumer"
CELERY_BEAT_SCHEDULER = "portal.clock:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 3

# -- language and time ---------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# -- files ---------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "portal.static_storage.Storage",
        # Unlike uploads, the proxy reads them, under an account of its own.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Source maps (megabytes, asked for by nobody) are not worth seconds of compression; the others are compressed
# already.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (
    "map",
    "png",
    "jpg",
    "gif",
    "webp",
    "woff",
    "woff2",
    "ttf",
    "otf",
    "gz",
    "pdf",
    "xlsx",
)
# Letters, uploads, exports: outside the web root, handed out by views that check who asks.
# Live services of registers, by kind of extract: none (portal/workforce/extracts/ports.py).
EXTRACT_PORTS: dict[str, str] = {}
MEDIA_ROOT = Path(env.text("JHT_FILES", str(VAR_DIR / "files")))
# Fonts the office owns (方正小标宋, 仿宋_GB2312, …), and the cache of prepared ones.
FONT_DIR = Path(env.text("JHT_FONTS", str(VAR_DIR / "fonts")))
# What is uploaded is in the clear in memory only.
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "portal.memory_files.InMemory",
]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
UPLOAD_MAX_BYTES = env.whole("JHT_UPLOAD_MAX_MB", 200) * 1024 * 1024
# One file handed in as evidence, and how many of them a case may have.
EVIDENCE_MAX_BYTES = env.whole("JHT_EVIDENCE_MAX_MB", 10) * 1024 * 1024
EVIDENCE_MAX_FILES = env.whole("JHT_EVIDENCE_MAX_FILES", 20)
# A virus scanner that speaks clamd's protocol: tcp://host:port or unix:///path; empty is none.
SCANNER = env.text("JHT_SCANNER", "")
# What is sent to any other address than those that take files (portal/upload_limits.py).
SENT_MAX_BYTES = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# -- messages that leave the house ---------------------------------------------------------------------------
# How they are sent: smtp, file, or not at all.
MESSAGES = env.choice("JHT_MESSAGES", "smtp", "file")
# Where a gateway of the intranet takes them away; each file holds a telephone number.
MESSAGES_FOLDER = Path(env.text("JHT_MESSAGES_FOLDER", str(VAR_DIR / "messages")))
_BY_EMAIL = MESSAGES == "smtp"
SMTP_HOST = env.needed("JHT_SMTP_HOST", _BY_EMAIL)
SMTP_PORT = env.whole("JHT_SMTP_PORT", 25)
SMTP_USER = env.text("JHT_SMTP_USER", "")
SMTP_PASSWORD = env.text("JHT_SMTP_PASSWORD", "")
SMTP_SECURITY = env.choice("JHT_SMTP_SECURITY", "starttls", "tls")
SMTP_FROM = env.needed("JHT_SMTP_FROM", _BY_EMAIL)
# The mailbox of a telephone number: {phone}@sms.example.gov.cn
SMTP_TO = env.needed("JHT_SMTP_TO", _BY_EMAIL, containing="{phone}")

# -- audit ---------------------------------------------------------------------------------------------------
# Where the heads of the chain are noted, and where they go besides: files on another machine, an address.
AUDIT_HEADS = Path(env.text("JHT_AUDIT_HEADS", str(VAR_DIR / "audit" / "heads.jsonl")))
AUDIT_HEADS_COPIES = [Path(path) for path in env.words("JHT_AUDIT_HEADS_COPIES")]
AUDIT_HEADS_URL = env.text("JHT_AUDIT_HEADS_URL", "")

# -- accounts ------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["portal.accounts.backends.ActiveUserBackend"]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "window:home"
PASSWORD_HASHERS = [
    "portal.accounts.hashing.Pbkdf2",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "portal.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "portal.accounts.passwords.CharacterKinds"},
    {"NAME": "portal.accounts.passwords.NotCommon"},
    {"NAME": "portal.accounts.passwords.NotLikeTheAccount"},
    {"NAME": "portal.accounts.passwords.NotUsedBefore"},
]
# How long it is kept that the office spoke with somebody.
CONTACT_KEPT_DAYS = env.whole("JHT_CONTACT_KEPT_DAYS", 730)
PASSWORD_MAX_AGE_DAYS = env.whole("JHT_PASSWORD_MAX_AGE_DAYS", 90)
# So many wrong passwords in a row close a name, for whoever typed them, for so many minutes.
LOGIN_FAILURES = env.whole("JHT_LOGIN_FAILURES", 5)
LOGIN_LOCK_MINUTES = env.whole("JHT_LOGIN_LOCK_MINUTES", 15)

SESSION_ENGINE = "portal.accounts.session_store"
SESSION_COOKIE_AGE = env.whole("JHT_SESSION_MINUTES", 30) * 60
# However busy it is, a session ends so long after the sign-in.
SESSION_HOURS = env.whole("JHT_SESSION_HOURS", 10)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.pages.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not PLAIN_HTTP
# The prefix keeps other hosts of the domain from setting them; browsers take it over https only.
SESSION_COOKIE_NAME = "sessionid" if PLAIN_HTTP else "__Host-sessionid"
CSRF_COOKIE_NAME = "csrftoken" if PLAIN_HTTP else "__Host-csrftoken"
SECURE_SSL_REDIRECT = not PLAIN_HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("JHT_BEHIND_PROXY") else None
# Probes inside the stack speak plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not PLAIN_HTTP
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Where to tell of a weakness: addresses that begin with mailto:, tel: or https:.
SECURITY_CONTACTS = env.words("JHT_SECURITY_CONTACT")
# How often one address may ask for the state of a case by its number.
MISSES_PER_HOUR = env.whole("JHT_MISSES_PER_HOUR", 600)
# How long a check without an account may be left open or its address kept.
CHECK_MINUTES = env.whole("JHT_CHECK_MINUTES", 120)
# For how many days the code on a sheet of the check opens its answers at the window.
CHECK_SHEET_DAYS = env.whole("JHT_CHECK_SHEET_DAYS", 30)
# How many pages of the check are shown to one address a minute: a whole village may share one.
CHECK_PAGES_PER_MINUTE = env.whole("JHT_CHECK_PAGES_PER_MINUTE", 600)
# How many objections to public notices are taken from one address an hour.
OBJECTIONS_PER_HOUR = env.whole("JHT_OBJECTIONS_PER_HOUR", 10)
# How many full numbers one person is shown a day, and from how many on the supervisor is asked to look into it.
UNMASK_PER_DAY = env.whole("JHT_UNMASK_PER_DAY", 60)
UNMASK_ALERT_FROM = env.whole("JHT_UNMASK_ALERT_FROM", 20)
# How many eligibility checks over the API are answered to one address a minute.
CHECKS_PER_MINUTE = env.whole("JHT_CHECKS_PER_MINUTE", 120)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# -- API -----------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.api.authentication.IssuedToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.api.parsing.JSONParser", "rest_framework.parsers.FormParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.text("JHT_API_RATE_ANONYMOUS", "120/min"),
        "user": env.text("JHT_API_RATE_USER", "1200/min"),
    },
    # None would believe whatever a client says of its address.
    "NUM_PROXIES": 1 if env.flag("JHT_BEHIND_PROXY") else 0,
    "EXCEPTION_HANDLER": "portal.api.errors.handle",
    "DEFAULT_METADATA_CLASS": "portal.api.options.Options",
}
# How long a token of the API is valid.
API_TOKEN_HOURS = env.whole("JHT_API_TOKEN_HOURS", 10)
SPECTACULAR_SETTINGS = {
    # Programs made from the description are called after it: in letters that every language takes.
    "TITLE": "Jianghuitong API",
    "DESCRIPTION": "匠惠通（内蒙古自治区技术工人待遇服务平台）的数据接口",
    "SERVERS": [{"url": "/", "description": "本平台"}],
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "FundEnum": "portal.policy.benefits.FUNDS",
        "BankOutcomeEnum": "portal.funds.models.Outcome",
        "BatchStateEnum": "portal.funds.models.BatchState",
        "BatchStepEnum": "portal.funds.models.Step",
        "ExtractPhaseEnum": "portal.workforce.models.ExtractPhase",
        "AnswerPhaseEnum": "portal.funds.models.AnswerPhase",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "portal.api.check_schema.require_body",
        "portal.api.description.describe_refusals",
    ],
}

# -- logs: JSON on standard output, personal data masked -----------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "portal.logs.formatter"}},
    "filters": {"refusals": {"()": "portal.logs.WithoutTraceback"}},
    "handlers": {
        "out": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["refusals"]},
    },
    "root": {"handlers": ["out"], "level": env.text("JHT_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"handlers": ["out"], "level": "INFO", "propagate": False},
        # It tells every start of a program that it is there.
        "pikepdf": {"level": "WARNING"},
    },
}
