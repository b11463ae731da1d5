"""The field of a file: what is taken and how large it may be are said before one is chosen, by the field itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.formats import size_cn


class UploadField(forms.FileField):
    """One file. `takes` is said, `accept` is for the chooser, `most` are bytes."""

    def __init__(
        self, *, takes: str, accept: str, most: int, files: int = 1, too_large: str = "", **options: Any
    ) -> None:
        self.most = most
        self.too_large = too_large or "请压缩或分成几个文件后再上传。"
        each = f"最多{files}个，每个" if files > 1 else ""
        hint = f"可上传{takes}，{each}不超过{size_cn(most)}。{options.pop('help_text', '')}"
        widget = options.pop("widget", forms.ClearableFileInput)
        super().__init__(help_text=hint, widget=widget(attrs={"accept": accept}), **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if upload and upload.size > self.most:
            raise ValidationError(f"文件超过{size_cn(self.most)}，{self.too_large}")
        return upload


class SpreadsheetField(UploadField):
    """A spreadsheet that people filled in or were given."""

    def __init__(self, *, most: int, as_kept: bool = False, **options: Any) -> None:
        """`as_kept`: also in the ways in which other systems give their tables out."""
        options.setdefault("too_large", "请分成几个文件，或改存为CSV后上传。")
        takes, accept = "Excel（.xlsx）、CSV（.csv）", ".xlsx,.csv"
        if as_kept:
            takes, accept = (
                f"{takes}、系统导出的网页表格（.xls、.html）和文本（.txt）",
                f"{accept},.xls,.html,.htm,.txt,.tsv",
            )
        super().__init__(takes=takes, accept=accept, most=most, **options)
