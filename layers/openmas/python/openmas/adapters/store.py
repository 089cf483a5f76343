"""One S3 bucket with the few operations that the adapters use."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from botocore.exceptions import ClientError

from openmas.adapters.aws import our_errors, translated

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# Whoever may not list a bucket is not told whether an object is missing or kept from him.
_NOT_THERE = frozenset({"NoSuchKey", "404", "AccessDenied"})
# A HEAD has no body, hence no code but its status.
_NOT_SHOWN = frozenset({"403"})
_CHUNK_BYTES = 1 << 20
_GOOD_FOR_S = 900


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

    def put_file(self, key: str, file: BinaryIO) -> None:
        with our_errors():
            self._client.put_object(Bucket=self._bucket, Key=key, Body=file)

    def there(self, key: str) -> bool:
        with our_errors():
            try:
                self._client.head_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if error.response["Error"]["Code"] in _NOT_THERE | _NOT_SHOWN:
                    return False
                raise translated(error) from error
        return True

    def form(self, key: str, bytes_max: int) -> tuple[str, dict[str, str]]:
        """Address and fields of a form by which one object of at most so many bytes can be put."""
        conditions = [["content-length-range", 1, bytes_max]]
        made = self._client.generate_presigned_post(
            self._bucket, key, Conditions=conditions, ExpiresIn=_GOOD_FOR_S
        )
        return made["url"], made["fields"]

    def link(self, key: str, name: str) -> str:
        """An address at which the object can be fetched as a file of this name."""
        shown = f'attachment; filename="{name}"'
        asked = {"Bucket": self._bucket, "Key": key, "ResponseContentDisposition": shown}
        return self._client.generate_presigned_url("get_object", Params=asked, ExpiresIn=_GOOD_FOR_S)
