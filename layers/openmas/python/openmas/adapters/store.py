"""One S3 bucket with the few operations that the adapters use."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from botocore.exceptions import ClientError

from openmas.adapters.aws import our_errors, translated

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# Whoever may not list a bucket is not told whether an object is missing or kept from him.
_NOT_THERE = frozenset({"NoSuchKey", "404", "AccessDenied"})
_CHUNK_BYTES = 1 << 20


class Store:
    """Objects by their keys, each of which begins with what the object is and then with its client."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, content: bytes) -> None:
        with our_errors():
            self._client.put_object(Bucket=self._bucket, Key=key, Body=content)

    def get(self, key: str) -> bytes | None:
        """The object's bytes, all at once; None if there is no such object."""
        with our_errors():
            try:
                return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error.response["Error"]["Code"] in _NOT_THERE:
                    return None
                raise translated(error) from error

    def copy_to(self, file: BinaryIO, key: str, bytes_max: int) -> bool | None:
        """Whether the object now stands in the file: not if it is too large; None if there is none."""
        with our_errors():
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if error.response["Error"]["Code"] in _NOT_THERE:
                    return None
                raise translated(error) from error
            if answer["ContentLength"] > bytes_max:
                return False
            file.writelines(answer["Body"].iter_chunks(_CHUNK_BYTES))
        return True
