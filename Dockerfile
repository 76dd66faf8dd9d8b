# Two stages: wheels are built in the first, only installed ones go into the second.
FROM python:3.11-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY simulator simulator
COPY scenarios scenarios
RUN pip install --no-cache-dir --prefix=/install .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home simulator
COPY --from=build /install /usr/local
# Listening for others, the control plane asks for a token: BILLSIM_TOKEN, else one that is printed.
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 BILLSIM_HOST=0.0.0.0 BILLSIM_PORT=8080
USER simulator
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["bill-simulator", "wait", "http://127.0.0.1:8080", "--timeout", "2"]
ENTRYPOINT ["bill-simulator"]
CMD ["serve"]
