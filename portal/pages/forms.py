"""What the pages of actions ask for: a reason, what is missing, a file, or nothing but the click."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from portal.file_inspection import ACCEPT, ACCEPTED
from portal.reasons import ReasonField
from portal.upload_fields import UploadField

# Of one missing item, so that a letter can list it.
_LONGEST_ITEM = 200


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFiles(UploadField):
    """So many files from one chooser; what they are is decided by the action that keeps them."""

    def __init__(self, *, files: int, **options: Any) -> None:
        super().__init__(
            takes=ACCEPTED,
            accept=ACCEPT,
            most=settings.EVIDENCE_MAX_BYTES,
            files=files,
            widget=ManyFilesInput,
            **options,
        )

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = [one for one in data or [] if one is not None]
        if self.required and not given:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return given


class NothingForm(forms.Form):
    """Of an action that asks for nothing but the click."""


class ReasonForm(forms.Form):
    """Why, in the words of whoever decides; the action's page says what it is called and who reads it."""

    reason = ReasonField(widget=forms.Textarea)

    def __init__(
        self,
        data: Any = None,
        *,
        label: str = "理由",
        help_text: str = "",
        required: bool = True,
        when_missing: str = "请写明理由。",
        longest: int = 500,
        rows: int = 4,
    ) -> None:
        super().__init__(data)
        self.fields["reason"] = ReasonField(
            label=label,
            help_text=help_text,
            required=required,
            max_length=longest,
            widget=forms.Textarea(attrs={"rows": rows}),
            error_messages={"required": when_missing},
        )


class MissingForm(forms.Form):
    """What is missing, one item a line."""

    missing = forms.CharField(
        label="需要补正的内容",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="一次性写明全部需要补正的内容，每行一项。",
        error_messages={"required": "请至少写明一项需要补正的内容。"},
    )

    def clean_missing(self) -> list[str]:
        items = [line.strip() for line in self.cleaned_data["missing"].splitlines() if line.strip()]
        if any(len(item) > _LONGEST_ITEM for item in items):
            raise forms.ValidationError(f"每项内容不超过{_LONGEST_ITEM}个字。")
        return items


class EvidenceForm(forms.Form):
    """Files of one name, such as the pages of a certificate."""

    # So many pictures are handed in at once; together they stay below what a request may hold.
    AT_ONCE = 5

    label = forms.CharField(
        label="材料名称",
        max_length=80,
        help_text="例如“技师证书”“技术创新成果证明”",
        error_messages={"required": "请填写材料名称。"},
    )
    file = ManyFiles(
        label="文件",
        files=AT_ONCE,
        help_text=f"一件办件最多{settings.EVIDENCE_MAX_FILES}个。用手机的可以直接拍照，照片自动转正。",
        error_messages={"required": "请选择文件。"},
    )

    def clean_file(self) -> list[UploadedFile]:
        given: list[UploadedFile] = self.cleaned_data["file"]
        if len(given) > self.AT_ONCE:
            raise forms.ValidationError(f"一次最多提交{self.AT_ONCE}个文件，请分几次提交。")
        return given
