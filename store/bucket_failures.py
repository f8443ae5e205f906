"""What a bucket's service says, in the words of the error family."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.exceptions import (
    ConnectionError as NotConnected,
)

from domain.errors import EnvironmentProblem, PartMissing

SETTING = "GREENROOM_MEDIA_URL"
ABSENT = ("404", "NoSuchKey", "NotFound")
REFUSED = ("401", "403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch")


@contextmanager
def told(address: str) -> Iterator[None]:
    """Turn what goes wrong at the service into an error with a remedy."""
    try:
        yield
    except ClientError as error:
        raise _refusal(error, address) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise PartMissing(
            f"there are no credentials for {address}",
            field=SETTING,
            remedy="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this host a role.",
        ) from error
    except S3UploadFailedError as error:
        # An upload wraps the refusal it met.
        if not isinstance(error.__context__, ClientError):
            raise
        raise _refusal(error.__context__, address) from error
    except (NotConnected, HTTPClientError, IncompleteReadError) as error:
        raise _away(address, str(error)) from error
    except BotoCoreError as error:
        raise PartMissing(
            f"the bucket {address} cannot be used: {error}",
            field=SETTING,
            remedy="Check the address, the region and the credentials.",
        ) from error


def is_absent(error: ClientError) -> bool:
    """Whether the service says that there is no such object."""
    return _code(error) in ABSENT


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _refusal(error: ClientError, address: str) -> EnvironmentProblem:
    code = _code(error)
    if code == "NoSuchBucket" or is_absent(error):
        return PartMissing(
            f"there is no bucket {address}",
            field=SETTING,
            remedy="Create the bucket, or correct its name.",
        )
    if code in REFUSED:
        return PartMissing(
            f"the service refuses access to {address}: {code}",
            field=SETTING,
            remedy="Check the credentials and what they may do in this bucket.",
        )
    return _away(address, str(error))


def _away(address: str, why: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"the bucket {address} cannot be used now: {why}",
        field=SETTING,
        remedy="Check that its service is up and in reach; the run goes on when it is.",
    )
