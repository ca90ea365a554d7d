"""A decision that puts a plan into force, the letterhead of the plan, and the plan."""

DECISION = """BỘ TƯ PHÁP
Số: 48/QĐ-BTP

CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc

QUYẾT ĐỊNH
Ban hành Kế hoạch bảo vệ trẻ em

QUYẾT ĐỊNH:

Điều 1. Ban hành kèm theo Quyết định này Kế hoạch bảo vệ trẻ em.

Điều 2. Chánh Văn phòng, Thủ trưởng các đơn vị chịu trách nhiệm thi hành Quyết định này./.
Nơi nhận:
- Như Điều 2;
- Văn phòng Chính phủ;
- Lưu: VT, Vụ PL HS-HC."""
LETTERHEAD = "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\n"
PLAN = """Bảo vệ, chăm sóc trẻ em

I. MỤC ĐÍCH, YÊU CẦU

1. Mục đích: tăng cường công tác bảo vệ, chăm sóc trẻ em.

II. NHIỆM VỤ

""" + "\n\n".join(
    f"{number}. Vụ Pháp luật Hình sự chủ trì, phối hợp với Văn phòng Bộ rà soát các quy định về bảo vệ, chăm sóc trẻ em"
    f" thuộc lĩnh vực quản lý của Bộ, báo cáo Bộ trưởng trước ngày {number}/12/2026."
    for number in range(1, 11)
)
