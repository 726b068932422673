# First:  docker run --rm -v ccss:/data IMAGE ccss init --data /data
# Then:   docker run -d --name ccss -p 8000:8000 -v ccss:/data --restart unless-stopped IMAGE

FROM node:24-bookworm-slim AS front
WORKDIR /build/static
COPY static/package.json static/package-lock.json static/.npmrc ./
RUN npm ci
COPY static/ ./
COPY docs/handbook/ /build/docs/handbook/
RUN npm run build

FROM python:3.11-slim-bookworm AS install
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /build
ENV UV_PROJECT_ENVIRONMENT=/opt/ccss UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev --no-install-project
COPY hatch_build.py README.md LICENSE ./
COPY server/ server/
COPY typing_test/ typing_test/
COPY chat_sim/ chat_sim/
COPY telephony/ telephony/
COPY --from=front /build/static/dist/ static/dist/
RUN uv sync --locked --no-dev --no-editable

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin ccss \
    && install -d -o ccss -g ccss -m 0700 /data
COPY --from=install /opt/ccss /opt/ccss
ENV PATH=/opt/ccss/bin:$PATH PYTHONUNBUFFERED=1
USER ccss
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["ccss", "run", "--data", "/data", "--host", "0.0.0.0", "--port", "8000"]
