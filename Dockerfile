# One image for the web process and the worker: docker build -t saidby .
# How to run it stands in docs/administrators.md; compose.yaml in docs/deploy/ runs all of a site.
FROM python:3.11-slim

# Everything that a site keeps lies in the volume. The database does too, until DATABASE_URL names another.
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PATH=/opt/saidby/bin:$PATH \
    SAIDBY_DATA=/data \
    DATABASE_URL=sqlite:////data/saidby.sqlite3

WORKDIR /app

# The packages first: this layer is built again only when they change.
COPY requirements.txt ./
RUN python -m venv /opt/saidby \
    && pip install --no-cache-dir --require-hashes -r requirements.txt

# The licence asks to go wherever the program goes.
COPY LICENSE gunicorn.conf.py manage.py ./
COPY annotator annotator
COPY corpus corpus
COPY exports exports
COPY seeds seeds

RUN useradd --system --home-dir /data saidby \
    && mkdir /data \
    && chown saidby /data
USER saidby
VOLUME /data
EXPOSE 8000

# The site answers to its own names only, so the check calls it by the first of them.
HEALTHCHECK CMD python -c "import os, urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': os.environ.get('SAIDBY_HOSTS', 'localhost').split(',')[0].strip()}))"

CMD ["gunicorn", "annotator.wsgi", "--bind", "0.0.0.0:8000"]
